#include "beside_psql.h"

#include <stdio.h>

#include <array>
#include <fstream>

#include <doctest/doctest.h>

#include "support/temp_dir.h"
#include "support/temp_postgres.h"

namespace berth::test {

std::string PsqlOutput(const std::string& script, const std::vector<std::string>& more_arguments) {
  const auto& server = TempPostgres::Shared();
  const TempDir folder;
  std::ofstream(folder / "script.sql") << script;
  std::string command = "PGPASSWORD=" + server.password() + " LANG=C.UTF-8 /usr/lib/postgresql/15/bin/psql -X -q -h " +
                        server.host() + " -p " + std::to_string(server.port()) + " -U " + server.user() + " " +
                        server.database();
  for (const auto& argument : more_arguments) command += " " + argument;
  command += " -f '" + (folder / "script.sql") + "' 2>/dev/null";
  FILE* pipe = ::popen(command.c_str(), "re");
  REQUIRE(pipe != nullptr);
  std::string output;
  std::array<char, 4096> chunk;
  for (std::size_t got = 0; (got = ::fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) output.append(chunk.data(), got);
  ::pclose(pipe);
  return output;
}

std::string BerthOutput(const Home& home, const std::string& script, const std::vector<std::string>& more_arguments) {
  std::vector<std::string> arguments{"-C", "etl", "--on-error", "continue"};
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  arguments.insert(arguments.end(), {"-f", "-"});
  return Run(home, arguments, script).output;
}

}  // namespace berth::test
