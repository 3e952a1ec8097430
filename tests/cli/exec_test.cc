#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include <doctest/doctest.h>

#include "support/temp_postgres.h"
#include "warehouse.h"

using berth::test::Child;
using berth::test::Home;
using berth::test::HomeWithConnection;
using berth::test::Ran;
using berth::test::ReadFile;
using berth::test::Run;
using berth::test::TempPostgres;
using berth::test::Until;

namespace {

constexpr const char* kPsql = "/usr/lib/postgresql/15/bin/psql";

using Words = std::vector<std::string>;

Words Exec(Words options, Words program) {
  Words words{"exec", "-C", "etl"};
  words.insert(words.end(), options.begin(), options.end());
  words.emplace_back("--");
  words.insert(words.end(), program.begin(), program.end());
  return words;
}

Ran RunExec(const Home& home, Words options, Words program) {
  return Run(home, Exec(std::move(options), std::move(program)));
}

struct HomeWithCap : HomeWithConnection {
  explicit HomeWithCap(int cap) {
    REQUIRE(Run(*this, {"-c", "alter redshift connection etl set max_concurrent_connections = " + std::to_string(cap)})
                .status == 0);
  }
  // Whether one slot can be had at once.
  bool Free() const { return RunExec(*this, {"--wait", "0"}, {"true"}).status == 0; }
};

// `berth exec` of a program that holds its slots until its input ends.
struct Holder : Child {
  Holder(const Home& home, Words options) : Child(home, {.arguments = Exec(std::move(options), {"cat"})}) {
    Type("here\n");
    AwaitOutput("here\n");
  }
};

// What the program prints: the pid of a child of its own that goes on in the background.
pid_t AwaitPid(Child& child) {
  child.AwaitOutput("\n");
  return std::stoi(child.output());
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("exec: the program finds the connection in its environment and logs in") {
  const HomeWithConnection home;
  const auto& server = TempPostgres::Shared();
  const Ran ran = RunExec(home, {}, {kPsql, "-X", "-A", "-t", "-c", "select current_user, current_database()"});
  CAPTURE(ran.error);
  CHECK(ran.status == 0);
  CHECK(ran.output == "berth|dev\n");

  Child child(home, {.arguments = Exec({}, {"env"}),
                     .more_environment = {"PGHOSTADDR=192.0.2.1", "PGSERVICE=other", "PGHOST=other", "PGTZ=UTC",
                                          "KEPT=a=b", "AIRFLOW_CONN_ETL=other"}});
  CHECK(child.Wait() == 0);
  std::istringstream lines(child.output());
  std::vector<std::string> all;
  for (std::string line; std::getline(lines, line);) all.push_back(line);
  const auto count = [&](const std::string& line) { return std::count(all.begin(), all.end(), line); };
  const std::string port = std::to_string(server.port());
  for (const auto& line :
       {std::string("PGHOST=127.0.0.1"), "PGPORT=" + port, std::string("PGDATABASE=dev"), std::string("PGUSER=berth"),
        "PGPASSWORD=" + server.password(), std::string("PGSSLMODE=disable"), std::string("PGTZ=UTC"),
        std::string("KEPT=a=b"),
        "AIRFLOW_CONN_ETL=redshift://berth:" + server.password() + "@127.0.0.1:" + port + "/dev?sslmode=disable"}) {
    CAPTURE(line);
    CHECK(count(line) == 1);
  }
  CHECK(!Has(child.output(), "other"));
  CHECK(!Has(child.output(), "PGHOSTADDR"));
}

TEST_CASE("exec: of two passwords the program gets the one that the server takes") {
  const HomeWithConnection home;
  const auto& server = TempPostgres::Shared();
  const Words ask = {kPsql, "-X", "-A", "-t", "-c", "select current_user"};
  const auto alter = [&](const std::string& what) {
    const Ran ran = Run(home, {"-f", "-"}, "ALTER REDSHIFT CONNECTION etl SET " + what + ";");
    REQUIRE_MESSAGE(ran.status == 0, ran.error);
  };
  alter("PASSWORD_NEXT = 'not-yet-1'");
  CHECK(RunExec(home, {}, ask).output == "berth\n");
  alter("PASSWORD = 'no-more-1' SET PASSWORD_NEXT = '" + server.password() + "'");
  CHECK(RunExec(home, {}, ask).output == "berth\n");
  const Ran promoted = Run(home, {"-o", "plain", "-c",
                                  "SELECT coalesce(password_next_kind, 'none') FROM "
                                  "system.information_schema.connections"});
  CHECK(promoted.output == "none\n");
  alter("PASSWORD = 'no-more-1' SET PASSWORD_NEXT = 'not-yet-1'");
  const auto ran_file = (home.path() / "ran").string();
  const Ran refused = RunExec(home, {}, {"touch", ran_file});
  CHECK(refused.status == 4);
  CHECK(Has(refused.error, "password"));
  CHECK(::access(ran_file.c_str(), F_OK) != 0);
}

TEST_CASE("exec: the exit status is the program's") {
  const HomeWithConnection home;
  CHECK(RunExec(home, {}, {"sh", "-c", "exit 7"}).status == 7);
  CHECK(RunExec(home, {}, {"sh", "-c", "kill -TERM $$"}).status == 128 + SIGTERM);
  CHECK(RunExec(home, {}, {"no-such-program"}).status == 127);
  CHECK(RunExec(home, {}, {"/no/such/program"}).status == 127);
  CHECK(RunExec(home, {}, {"/etc/passwd"}).status == 126);
  const auto script = home.Write("script", "exit 5\n");  // no #! line: shells run it, and so does exec
  REQUIRE(::chmod(script.c_str(), 0700) == 0);
  CHECK(RunExec(home, {}, {script}).status == 5);
  CHECK(Run(home, {"exec", "-C", "ETL", "--", "true"}).status == 0);  // a bare name folds
  CHECK(Run(home, {"exec", "--help"}).status == 0);
}

TEST_CASE("exec: its own refusals") {
  const HomeWithConnection home;
  const Ran above = RunExec(home, {"--slots", "11"}, {"true"});
  CHECK(above.status == 2);
  CHECK(Has(above.error, "11 slots are wanted, and there are 10 (MAX_CONCURRENT_CONNECTIONS = 10)"));
  CHECK(RunExec(home, {"--slots", "10"}, {"true"}).status == 0);

  const std::vector<Words> wrong{{"exec"},
                                 {"exec", "-C", "etl"},
                                 {"exec", "-C", "etl", "--"},
                                 {"exec", "-C", "etl", "true"},
                                 {"exec", "--", "true"},
                                 {"exec", "-C", "etl", "--slots", "0", "--", "true"},
                                 {"exec", "-C", "etl", "--slots", "2x", "--", "true"},
                                 {"exec", "-C", "etl", "--wait", "soon", "--", "true"},
                                 {"exec", "-C", "nobody", "--", "true"}};
  for (const auto& words : wrong) {
    CAPTURE(words.back());
    const Ran ran = Run(home, words);
    CHECK(ran.status == 2);
    CHECK(ran.output.empty());
    CHECK(!ran.error.empty());
  }
  CHECK(Run(home, {"exec", "-C", "etl", "--catalog", "sqlite:/dev/null/c.db", "--", "true"}).status == 3);
  REQUIRE(Run(home, {"-c", "alter redshift connection etl set password = env 'NOT_THERE'"}).status == 0);
  const Ran no_password = RunExec(home, {}, {"true"});
  CHECK(no_password.status == 4);
  CHECK(Has(no_password.error, "NOT_THERE"));
}

TEST_CASE("exec: slots last until the last descendant is gone") {
  const HomeWithCap home(1);
  const Words in_background{"sh", "-c", "sleep 600 <&- >&- 2>&- & echo $!"};
  pid_t sleeper = 0;
  SUBCASE("the program has ended") {
    Child program(home, {.arguments = Exec({}, in_background)});
    sleeper = AwaitPid(program);
    CHECK(program.Wait() == 0);
  }
  SUBCASE("the program was killed") {
    Child program(home, {.arguments = Exec({}, {"sh", "-c", in_background[2] + "; wait"})});
    sleeper = AwaitPid(program);
    program.Signal(SIGKILL);
    CHECK(program.Wait() == 128 + SIGKILL);
  }
  CHECK(!home.Free());
  const Ran late = RunExec(home, {"--wait", "300ms"}, {"true"});
  CHECK(late.status == 4);
  CHECK(Has(late.error, "connection \"etl\": no slot within"));
  CHECK(Has(late.error, "1 of 1 slots in use (MAX_CONCURRENT_CONNECTIONS = 1), you were 1st in line"));
  CHECK(Has(late.error, "longest: pid "));
  CHECK(Has(late.error, " sh (user "));
  CHECK(Has(late.error, ") reserved 0:0"));
  const Ran pooled = Run(home, {"-C", "etl", "--timeout", "300ms", "-c", "select 1"});
  CHECK(pooled.status == 4);
  CHECK(Has(pooled.error, ") reserved 0:0"));

  REQUIRE(::kill(sleeper, SIGKILL) == 0);
  Until([&] { return home.Free(); });
  CHECK(Run(home, {"-C", "etl", "-c", "select 1"}).status == 0);
}

TEST_CASE("exec: a pause waits for the program, and lets none loose") {
  const HomeWithCap home(2);
  {
    Holder program(home, {});
    const Ran waited = Run(home, {"--timeout", "300ms", "-c", "pause connection etl comment 'vacuum'"});
    CHECK(waited.status == 1);
    CHECK_MESSAGE(Has(waited.error, "connection etl is paused, but 1 of its sessions is still in use"), waited.error);
    const Ran second = RunExec(home, {}, {"true"});
    CHECK(second.status == 4);
    CHECK_MESSAGE(Has(second.error, "vacuum"), second.error);
    program.CloseInput();
    CHECK(program.Wait() == 0);
  }
  CHECK(Run(home, {"-c", "pause connection etl"}).status == 0);
  CHECK(Run(home, {"-c", "resume connection etl"}).status == 0);
  CHECK(home.Free());
}

TEST_CASE("exec: several slots, all or none") {
  const HomeWithCap home(3);
  Holder two(home, {"--slots", "2"});
  const Ran none = RunExec(home, {"--slots", "2", "--wait", "200ms"}, {"true"});
  CHECK(none.status == 4);
  CHECK(Has(none.error, "1 of 2 slots within"));
  CHECK(home.Free());
  Holder one(home, {});
  CHECK(!home.Free());
  two.CloseInput();
  CHECK(two.Wait() == 0);
  CHECK(RunExec(home, {"--slots", "2", "--wait", "0"}, {"true"}).status == 0);
  CHECK(RunExec(home, {"--slots", "3", "--wait", "0"}, {"true"}).status == 4);
}

TEST_CASE("exec: a slot of the group goes with the connection's") {
  const HomeWithConnection home;
  const auto& server = TempPostgres::Shared();
  REQUIRE(Run(home, {"-f", "-"},
              "create connection group wh max_concurrent_connections = 2;\n"
              "alter redshift connection etl set group = wh set reserved = 1;\n" +
                  berth::test::CreateConnection("bi", server.password()) +
                  "alter redshift connection bi set group = wh;\n")
              .status == 0);
  const auto bi = [&](const char* wait) { return Run(home, {"exec", "-C", "bi", "--wait", wait, "--", "true"}); };
  CHECK(bi("0").status == 0);
  Child program(home, {.arguments = {"exec", "-C", "bi", "--", "sh", "-c", "sleep 600 <&- >&- 2>&- & echo $!"}});
  const pid_t sleeper = AwaitPid(program);
  CHECK(program.Wait() == 0);
  // bi has ten slots of its own; the group has two, of which one is etl's.
  const Ran none = bi("300ms");
  CHECK(none.status == 4);
  CHECK_MESSAGE(Has(none.error, "of its group \"wh\" 1 of 2 slots are in use and 1 is reserved for others"),
                none.error);
  CHECK_MESSAGE(Has(none.error, "ALTER CONNECTION GROUP wh SET MAX_CONCURRENT_CONNECTIONS"), none.error);
  CHECK(RunExec(home, {"--wait", "0"}, {"true"}).status == 0);
  CHECK(RunExec(home, {"--slots", "2", "--wait", "0"}, {"true"}).status == 4);
  REQUIRE(::kill(sleeper, SIGKILL) == 0);
  Until([&] { return bi("0").status == 0; });
  CHECK(RunExec(home, {"--slots", "2", "--wait", "0"}, {"true"}).status == 0);
}

TEST_CASE("exec: on a terminal it says where it stands and who holds the slots") {
  const HomeWithCap home(1);
  Holder holder(home, {});
  Child waiting(home, {.arguments = Exec({}, {"echo", "came", "through"}), .terminal = true});
  waiting.AwaitOutput("connection \"etl\": waiting, 1st in line; 1 of 1 slots in use; longest: pid " +
                      std::to_string(holder.pid()) + " cat (user ");
  holder.CloseInput();
  CHECK(holder.Wait() == 0);
  waiting.AwaitOutput("\r\x1b[Kcame through");
  CHECK(waiting.Wait() == 0);

  Holder again(home, {});
  Child interrupted(home, {.arguments = Exec({}, {"echo", "no"}), .terminal = true});
  interrupted.AwaitOutput("1st in line");
  interrupted.Type("\x03");
  CHECK(interrupted.Wait() == 128 + SIGINT);
  Child silent(home, {.arguments = Exec({}, {"echo", "quiet"})});
  again.CloseInput();
  CHECK(silent.Wait() == 0);
  CHECK(silent.output() == "quiet\n");
  CHECK(silent.error().empty());
}

TEST_CASE("exec: nothing of Berth's is left in the program but the slots") {
  const HomeWithConnection home;
  const Ran files = RunExec(home, {"--slots", "3"},
                            {"sh", "-c", "cd /proc/$$/fd; for f in *; do echo $f; readlink $f || echo gone; done"});
  std::istringstream lines(files.output);
  int slots = 0;
  std::string target;
  for (int fd = 0; lines >> fd >> target;) {
    CAPTURE(fd);
    CAPTURE(target);
    const bool slot = Has(target, "catalog.db.slots/");
    slots += slot ? 1 : 0;
    const int flags = ::fcntl(fd, F_GETFD);  // what was open for all children of this test before
    CHECK((slot || fd <= STDERR_FILENO || target == "gone" || (flags >= 0 && (flags & FD_CLOEXEC) == 0)));
  }
  CHECK(slots == 1);

  const auto field = [](const std::string& status, const std::string& name) {
    const auto from = status.find(name);
    return status.substr(from, status.find('\n', from) - from);
  };
  const std::string own = ReadFile("/proc/self/status");
  const std::string its = RunExec(home, {}, {"cat", "/proc/self/status"}).output;
  for (const auto* name : {"SigBlk:", "SigIgn:"}) CHECK(field(its, name) == field(own, name));
  CHECK(field(RunExec(home, {}, {"cat", "/proc/self/limits"}).output, "Max core") ==
        field(ReadFile("/proc/self/limits"), "Max core"));
}

TEST_CASE("exec: PASSWORD = PROMPT is asked for before the program runs") {
  const Home home;
  const auto& server = TempPostgres::Shared();
  REQUIRE(Run(home, {"-c", "create redshift connection etl connection_string = '" + server.JdbcUrl() +
                               "' user_name = '" + server.user() + "' password = prompt"})
              .status == 0);
  const Words program{kPsql, "-X", "-A", "-t", "-c", "select 'logged ' || 'in'"};
  Child typed(home, {.arguments = Exec({}, program), .terminal = true});
  typed.AwaitOutput("Password for user berth on connection etl: ");
  typed.Type(server.password() + "\n");
  typed.AwaitOutput("logged in");
  CHECK(typed.Wait() == 0);
  CHECK(!Has(typed.output(), server.password()));

  Child cancelled(home, {.arguments = Exec({}, program), .terminal = true});
  cancelled.AwaitOutput("Password for user");
  cancelled.Type("\x03");
  CHECK(cancelled.Wait() == 130);
}
