#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "berth/berth.h"

extern "C" std::size_t berth_test_statement_size_in_c(void);

namespace {

std::string Output(const std::string& command) {
  std::string out;
  FILE* const pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out.push_back(static_cast<char>(c));
  REQUIRE(::pclose(pipe) == 0);
  return out;
}

#define BERTH_MEMBER(type, member) \
  " " #member "@" + std::to_string(offsetof(type, member)) + ":" + std::to_string(sizeof(type::member))
#define BERTH_STRUCT(type) "struct " #type " " + std::to_string(sizeof(type))

// Sizes and offsets on 64-bit Linux: a change here breaks every program that was built before.
std::string Structs() {
  std::string out;
  const auto line = [&out](const std::string& text) { out += text + "\n"; };
  line(BERTH_STRUCT(berth_column) + BERTH_MEMBER(berth_column, name) + BERTH_MEMBER(berth_column, type_oid) +
       BERTH_MEMBER(berth_column, type_modifier) + BERTH_MEMBER(berth_column, kind));
  line(BERTH_STRUCT(berth_job) + BERTH_MEMBER(berth_job, struct_size) + BERTH_MEMBER(berth_job, name) +
       BERTH_MEMBER(berth_job, connection) + BERTH_MEMBER(berth_job, body) + BERTH_MEMBER(berth_job, comment) +
       BERTH_MEMBER(berth_job, or_replace));
  line(BERTH_STRUCT(berth_open_options) + BERTH_MEMBER(berth_open_options, struct_size) +
       BERTH_MEMBER(berth_open_options, catalog) + BERTH_MEMBER(berth_open_options, key_file) +
       BERTH_MEMBER(berth_open_options, program) + BERTH_MEMBER(berth_open_options, log_sink) +
       BERTH_MEMBER(berth_open_options, log_context) + BERTH_MEMBER(berth_open_options, log_level) +
       BERTH_MEMBER(berth_open_options, open_ms_max));
  line(BERTH_STRUCT(berth_session) + BERTH_MEMBER(berth_session, struct_size) +
       BERTH_MEMBER(berth_session, connection) + BERTH_MEMBER(berth_session, host) +
       BERTH_MEMBER(berth_session, database) + BERTH_MEMBER(berth_session, user) +
       BERTH_MEMBER(berth_session, server_version) + BERTH_MEMBER(berth_session, port) +
       BERTH_MEMBER(berth_session, backend_pid) + BERTH_MEMBER(berth_session, tls) +
       BERTH_MEMBER(berth_session, redshift));
  line(BERTH_STRUCT(berth_statement) + BERTH_MEMBER(berth_statement, struct_size) +
       BERTH_MEMBER(berth_statement, text) + BERTH_MEMBER(berth_statement, parameters) +
       BERTH_MEMBER(berth_statement, parameter_count) + BERTH_MEMBER(berth_statement, timeout_ms) +
       BERTH_MEMBER(berth_statement, pass));
  line(BERTH_STRUCT(berth_text) + BERTH_MEMBER(berth_text, data) + BERTH_MEMBER(berth_text, length));
  return out;
}

}  // namespace

TEST_CASE("ABI: libberth.so exports what the list says, and its structs are as they were") {
  std::ostringstream wanted;
  wanted << std::ifstream(BERTH_SOURCE_DIR "/tests/capi/abi.txt").rdbuf();
  CHECK(Output("nm -D --defined-only --format=just-symbols " BERTH_LIBRARY
               " | grep -v '^BERTH_1' | sed 's/@.*//' | LC_ALL=C sort") +
            Structs() ==
        wanted.str());
}

TEST_CASE("ABI: version, soname, numbers") {
  CHECK(std::string(berth_version()) == BERTH_VERSION);
  CHECK(berth_abi_version() == BERTH_ABI_VERSION);
  CHECK(Output("readelf -d " BERTH_LIBRARY).find("[libberth.so.1]") != std::string::npos);
  CHECK(berth_test_statement_size_in_c() == sizeof(berth_statement));
  CHECK(BERTH_ROW == 100);
  CHECK(BERTH_DONE == 101);
}

TEST_CASE("ABI: the codes of berth.h are those of error_codes.def") {
  std::ifstream header(BERTH_SOURCE_DIR "/src/include/berth/berth.h");
  std::ifstream table(BERTH_SOURCE_DIR "/src/include/berth/error_codes.def");
  const auto numbers = [](std::istream& in, const std::string& begin, char before) {
    std::string found;
    for (std::string line; std::getline(in, line);) {
      if (line.find(begin) == std::string::npos || line.find("//") == 0) continue;
      const auto at = line.find(before) + 1;
      const auto number = std::atoi(line.c_str() + at);
      if (number > 0 && number < BERTH_ROW) found += std::to_string(number) + " ";
    }
    return found;
  };
  std::string line;
  while (std::getline(header, line) && line.find("BERTH_OK = 0") == std::string::npos) {
  }
  std::stringstream codes;
  while (std::getline(header, line) && line.find("};") == std::string::npos) codes << line << "\n";
  const auto wanted = numbers(table, "BERTH_ERROR(", ',');
  CHECK(wanted.size() > 50);
  CHECK(numbers(codes, "BERTH_", '=') == wanted);
}
