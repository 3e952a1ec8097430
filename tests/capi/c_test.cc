#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <string>

#include <doctest/doctest.h>

#include "capi/world.h"

using berth::test::CapiWorld;
using berth::test::TempDir;

TEST_CASE("C: NULLs and structs of another size are refused or read as far as they go") {
  berth_error* error = nullptr;
  CHECK(berth_engine_open(nullptr, nullptr, &error) == BERTH_INVALID_ARGUMENT);
  CHECK(std::strlen(berth_error_message(error)) > 0);
  berth_error_free(error);
  berth_engine* engine = nullptr;
  const TempDir folder;
  const auto catalog = "sqlite:" + (folder / "catalog.db");
  berth_open_options options{};
  options.catalog = catalog.c_str();
  CHECK(berth_engine_open(&options, &engine, nullptr) == BERTH_INVALID_ARGUMENT);  // struct_size is 0
  options.struct_size = offsetof(berth_open_options, key_file);                    // an older caller's struct
  options.key_file = reinterpret_cast<const char*>(1);                             // beyond it: never read
  REQUIRE(berth_engine_open(&options, &engine, nullptr) == BERTH_OK);
  CHECK(berth_conversation_open(engine, nullptr, nullptr) == BERTH_INVALID_ARGUMENT);
  CHECK(berth_execute(nullptr, nullptr, nullptr, nullptr) == BERTH_INVALID_ARGUMENT);
  CHECK(berth_prepared_execute(nullptr, nullptr, 0, 0, nullptr, nullptr) == BERTH_INVALID_ARGUMENT);
  CHECK(berth_create_job(nullptr, nullptr, nullptr) == BERTH_INVALID_ARGUMENT);
  CHECK(berth_rows_to_arrow(nullptr, nullptr, nullptr) == BERTH_INVALID_ARGUMENT);
  berth_engine_close(engine);
  berth_engine_close(nullptr);
  berth_conversation_close(nullptr);
  berth_prepared_close(nullptr);
  berth_rows_close(nullptr);
  berth_error_free(nullptr);
}

TEST_CASE("C: a session is told as far as the caller's struct goes") {
  const CapiWorld world;
  auto conversation = world.On();
  berth_session session{};
  session.struct_size = offsetof(berth_session, host);
  session.host = reinterpret_cast<const char*>(1);
  REQUIRE(berth_conversation_connect(conversation.get(), 0, &session, nullptr) == BERTH_OK);
  CHECK(std::string(session.connection) == "c");
  CHECK(session.host == reinterpret_cast<const char*>(1));
  CHECK(session.struct_size == offsetof(berth_session, host));
}

TEST_CASE("C: fields as values") {
  const auto text = [](const char* data) { return berth_text{data, data == nullptr ? 0 : std::strlen(data)}; };
  std::int64_t number = 0;
  CHECK(berth_text_int64(text("-9223372036854775808"), &number) == BERTH_OK);
  CHECK(number == INT64_MIN);
  CHECK(berth_text_int64(text("9223372036854775808"), &number) == BERTH_INVALID_ARGUMENT);
  CHECK(berth_text_int64(text("1 "), &number) == BERTH_INVALID_ARGUMENT);
  CHECK(berth_text_int64(text(nullptr), &number) == BERTH_INVALID_ARGUMENT);
  double real = 0;
  CHECK(berth_text_double(text("1e300"), &real) == BERTH_OK);
  CHECK(real == 1e300);
  CHECK(berth_text_double(text("-Infinity"), &real) == BERTH_OK);
  CHECK(real < -1e308);
  std::int32_t yes = 0;
  CHECK(berth_text_boolean(text("t"), &yes) == BERTH_OK);
  CHECK(yes == 1);
  CHECK(berth_text_boolean(text("yes"), &yes) == BERTH_INVALID_ARGUMENT);
}

TEST_CASE("C: rows that nobody wants are read to the end; pass sends what would be Berth's own") {
  const CapiWorld world;
  auto conversation = world.On();
  berth_statement statement{};
  statement.struct_size = sizeof statement;
  statement.text = {"select 1/0 from generate_series(1, 3)", 37};
  berth_error* error = nullptr;
  CHECK(berth_execute(conversation.get(), &statement, nullptr, &error) == BERTH_SERVER);
  CHECK(std::string(berth_error_sqlstate(error)) == "22012");
  berth_error_free(error);
  statement.text = {"SHOW CONNECTIONS", 16};
  CHECK(berth_execute(conversation.get(), &statement, nullptr, nullptr) == BERTH_OK);
  statement.pass = 1;
  CHECK(berth_execute(conversation.get(), &statement, nullptr, nullptr) == BERTH_SERVER);
}

TEST_CASE("C: after fork the child is refused, and the parent goes on") {
  const CapiWorld world;
  auto conversation = world.On();
  conversation.Connect();
  const pid_t child = ::fork();
  if (child == 0) {
    berth_statement statement{};
    statement.struct_size = sizeof statement;
    statement.text = {"select 1", 8};
    const int code = berth_execute(conversation.get(), &statement, nullptr, nullptr);
    ::_exit(code == BERTH_OK ? 1 : 0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  conversation.Run("select 1");
}
