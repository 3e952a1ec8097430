#include <filesystem>

#include <doctest/doctest.h>

#include "warehouse.h"

using berth::test::Child;
using berth::test::Home;
using berth::test::HomeWithConnection;
using berth::test::Ran;
using berth::test::ReadFile;
using berth::test::Run;

namespace {

constexpr const char* kSecret = "zqsecret";  // all passwords here hold it

std::string CommandLine(const Child& child) {
  return ReadFile("/proc/" + std::to_string(child.pid()) + "/cmdline");
}

bool Holds(const std::string& text) {
  return text.find(kSecret) != std::string::npos;
}

// Statements with a password each, most of them wrong in some way.
std::vector<std::string> Statements() {
  const std::string create =
      "CREATE REDSHIFT CONNECTION c CONNECTION_STRING = 'jdbc:redshift://h.example:5439/d' USER_NAME = 'u' ";
  return {
      create + "PASSWORD = 'zqsecret01'",
      create + "PASSWRD = 'zqsecret02'",
      create + "PASSWORD 'zqsecret03'",
      create + "PASSWORD = 'zqsecret04' NONSENSE = 1",
      create + "PASSWORD = 'zqsecret''05' PASSWORD = 'zqsecret06'",
      create + "MAX_CONCURENT_CONNECTIONS = 2 PASSWORD = 'zqsecret07'",
      create + "/* PASSWORD */ PASSWORD = \n 'zqsecret08' COMMENT 'no equals sign' =",
      "CREATE REDSHIFT CONNECTION d CONNECTION_STRING = 'jdbc:redshift://h/d?user=u&password=zqsecret09' USER_NAME = "
      "'u' "
      "PASSWORD = 'zqsecret10'",
      "ALTER REDSHIFT CONNECTION c SET PASSWORD = 'zqsecret11' SET NONSENSE = 2",
      "ALTER REDSHIFT CONNECTION c SET PASSWORD = 'zqsecret12'",
      "ALTER REDSHIFT CONNECTION c SET CONNECTION_STRING = 'jdbc:redshift://h:x/d?PWD=zqsecret13'",
      "CREATE USER nobody PASSWORD 'zqsecret14' VALD UNTIL 'x'",
      "ALTER USER nobody PASSWORD 'zqsecret15'",
      "CREATE USERR nobody PASSWORD 'zqsecret16'",
      "COPY t FROM 's3://b/k' CREDENTIALS 'aws_access_key_id=A;aws_secret_access_key=zqsecret17'",
      "UNLOAD ('select 1') TO 's3://b/k' ACCESS_KEY_ID 'A' SECRET_ACCESS_KEY 'zqsecret18' SESSION_TOKEN 'zqsecret19'",
      "CREATE JOB j AS $$ALTER USER u PASSWORD 'zqsecret20'$$ NONSENSE",
      "ALTER USER u PASSWORD $$zqsecret21$$ x",
      create + "PASSWORD = 'zqsecret22",  // never closed: it must be the last
  };
}

void CheckFiles(const Home& home) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(home.path())) {
    if (!entry.is_regular_file() || entry.path().extension() == ".sql") continue;
    ++files;
    CAPTURE(entry.path().string());
    CHECK_FALSE(Holds(ReadFile(entry.path())));
  }
  CHECK(files >= 2);  // the catalog and its key
}

}  // namespace

TEST_CASE("A secret in -c is gone from the process list at once, and a warning says what to do instead") {
  const Home home;
  const std::string create =
      "CREATE REDSHIFT CONNECTION c CONNECTION_STRING = 'jdbc:redshift://h/d' USER_NAME = 'u' PASSWORD = 'zqsecret'";
  for (const auto& arguments :
       {std::vector<std::string>{"-c", create, "-c", "show jobs", "-f", "-"},
        {"--command=" + create, "-c", "show jobs", "-f", "-"},
        {"-c" + create, "-c", "show jobs", "-f", "-"},
        {"--on-error", "continue", "-ec", "ALTER USER u PASSWORD 'zqsecret'", "-c", "show jobs", "-f", "-"},
        {"--set", "PW=zqsecret", "-c", "show jobs", "-f", "-"}}) {
    const Home fresh;
    Child child(fresh, {.arguments = arguments});
    child.AwaitOutput("(0 rows)");
    const auto shown = CommandLine(child);
    CAPTURE(shown);
    CHECK_FALSE(Holds(shown));
    CHECK(shown.find("show jobs") != std::string::npos);
    child.CloseInput();
    child.Wait();
    if (arguments[0] != "--set") {
      CHECK(child.error().starts_with("WARNING:"));
      CHECK(child.error().find("ENV") != std::string::npos);
      CHECK(child.error().find("-f -") != std::string::npos);
    }
    CHECK_FALSE(Holds(child.error()));
  }
}

TEST_CASE("No password is in any output or file of the program, whatever is wrong with its statement") {
  const HomeWithConnection home;
  std::string script;
  for (const auto& statement : Statements()) script += statement + ";\n";
  const auto file = home.Write("script.sql", script);
  for (const char* format : {"table", "json"}) {
    const Ran ran = Run(home, {"-C", "etl", "-e", "-o", format, "--on-error", "continue", "-f", file});
    CHECK(ran.status == 1);
    CAPTURE(ran.output);
    CAPTURE(ran.error);
    CHECK_FALSE(Holds(ran.output));
    CHECK_FALSE(Holds(ran.error));
    CHECK(ran.output.find("********") != std::string::npos);
  }
  for (const char* query : {"show connections", "show create connection c", "show jobs"}) {
    const Ran ran = Run(home, {"-c", query});
    CHECK_FALSE(Holds(ran.output + ran.error));
  }
  CheckFiles(home);
}

TEST_CASE("What reaches the server is untouched") {
  const HomeWithConnection home;
  const Ran ran = Run(home, {"-C", "etl", "-o", "plain", "-e", "-f", "-"},
                      "create user zq_untouched password 'zqsecret30';\n"
                      "select rolpassword like 'SCRAM%' from pg_authid where rolname = 'zq_untouched';\n");
  CHECK(ran.status == 0);
  CHECK_FALSE(Holds(ran.output + ran.error));
  auto& server = berth::test::TempPostgres::Shared();
  const std::string connection = "CREATE REDSHIFT CONNECTION other CONNECTION_STRING = '" + server.JdbcUrl() +
                                 "' USER_NAME = 'zq_untouched' PASSWORD = 'zqsecret30';";
  CHECK(Run(home, {"-f", "-"}, connection).status == 0);
  CHECK(Run(home, {"-C", "other", "-o", "plain", "-c", "select 1"}).output == "1\n");
  server.Psql("drop user zq_untouched");
}

TEST_CASE("At the prompt: no secret comes into the history") {
  const HomeWithConnection home;
  Child child(home, {.arguments = {"-C", "etl"}, .terminal = true});
  child.AwaitOutput("etl=> ");
  child.Type("select 'kept';\n");
  child.AwaitOutput("(1 row)");
  child.AwaitOutput("etl=> ");
  const auto statements = Statements();
  for (std::size_t i = 0; i + 1 < statements.size(); ++i) {
    child.Type(statements[i] + ";\n");
    child.AwaitOutput("etl=> ");
  }
  child.Type("select 1; ALTER USER u PASSWORD\n'zqsecret31';\n");  // begins on the line of another
  child.AwaitOutput("etl=> ");
  child.Type(statements.back() + "\n");
  child.AwaitOutput("etl'> ");
  child.Type("\x03");
  child.AwaitOutput("etl=> ");
  child.Type("select 'kept too';\n");
  child.AwaitOutput("(1 row)");
  child.AwaitOutput("etl=> ");
  child.Type("\\q\n");
  CHECK(child.Wait() == 0);
  const auto history = ReadFile(home / "state/berth/history");
  CHECK(history == "select 'kept';\nselect 'kept too';\n\\\\q\n");
  CheckFiles(home);
}
