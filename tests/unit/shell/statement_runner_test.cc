#include "shell/statement_runner.h"

#include <fcntl.h>
#include <signal.h>

#include <doctest/doctest.h>

#include "fakes.h"

using berth::Error;
using berth::ErrorCode;
using berth::shell::OutputFormat;
using berth::shell::RunStatement;
using berth::shell::Verdict;
using berth::shell::test::FakeConsole;
using berth::shell::test::Integer;
using berth::shell::test::Text;

TEST_CASE("Rows go to standard output, tags to standard error") {
  FakeConsole fake;
  fake.conversation.results["select 1"] = {{.columns = {Integer("a")}, .rows = {{"1"}}, .tag = "SELECT 1"}};
  fake.conversation.results["insert"] = {{.tag = "INSERT 0 3"}};
  fake.conversation.results["returning"] = {{.columns = {Integer("a")}, .rows = {{"1"}}, .tag = "INSERT 0 1"}};
  fake.console.settings.print.format = OutputFormat::kCsv;
  CHECK(RunStatement(fake.console, "select 1", {}) == Verdict::kOk);
  CHECK(RunStatement(fake.console, "insert", {}) == Verdict::kOk);
  CHECK(RunStatement(fake.console, "returning", {}) == Verdict::kOk);
  CHECK(fake.out.Text() == "a\n1\na\n1\n");
  CHECK(fake.err.Text() == "INSERT 0 3\nINSERT 0 1\n");
}

TEST_CASE("Every result of a text that holds several is written") {
  FakeConsole fake;
  fake.console.settings.print.format = OutputFormat::kJson;
  fake.conversation.results["both"] = {{.columns = {Integer("a")}, .rows = {{"1"}}, .tag = "SELECT 1"},
                                       {.tag = "DELETE 2"},
                                       {.columns = {Text("b")}, .rows = {}, .tag = "SELECT 0"}};
  CHECK(RunStatement(fake.console, "both", {}) == Verdict::kOk);
  CHECK(fake.out.Text() == "[{\"a\":1}]\n[]\n");
  CHECK(fake.err.Text() == "DELETE 2\n");
}

TEST_CASE("An error in the midst of rows") {
  FakeConsole fake;
  fake.conversation.results["q"] = {{.columns = {Integer("a")},
                                     .rows = {{"1"}},
                                     .error = Error{.code = ErrorCode::kServer, .message = "division by zero"}}};
  CHECK(RunStatement(fake.console, "q", {.source = "x.sql", .line = 4}) == Verdict::kFailed);
  CHECK(fake.out.Text() == " a \n---\n 1\n\n");
  CHECK(fake.err.Text() == "x.sql:4: ERROR:  division by zero\n");
  CHECK(fake.console.exit_status == 1);
}

TEST_CASE("The exit status is the error's; one plain failure outweighs what a retry could mend") {
  FakeConsole fake;
  fake.conversation.errors["busy"] = Error{.code = ErrorCode::kResourceExhausted, .message = "no slot"};
  fake.conversation.errors["wrong"] = Error{.code = ErrorCode::kSyntax, .message = "wrong"};
  CHECK(RunStatement(fake.console, "busy", {}) == Verdict::kFailed);
  CHECK(fake.console.exit_status == 4);
  RunStatement(fake.console, "wrong", {});
  CHECK(fake.console.exit_status == 1);
  RunStatement(fake.console, "busy", {});
  CHECK(fake.console.exit_status == 1);
}

TEST_CASE("--timeout gives every statement its own deadline") {
  FakeConsole fake;
  RunStatement(fake.console, "a", {});
  fake.console.settings.timeout = std::chrono::seconds(30);
  RunStatement(fake.console, "b", {});
  fake.clock.Advance(std::chrono::seconds(5));
  RunStatement(fake.console, "c", {});
  CHECK(fake.conversation.deadlines[0].never());
  CHECK(fake.conversation.deadlines[2].time() - fake.conversation.deadlines[1].time() == std::chrono::seconds(5));
  CHECK(fake.conversation.deadlines[2].Left(fake.clock) == std::chrono::seconds(30));
}

TEST_CASE("Time is told as psql does") {
  FakeConsole fake;
  fake.console.settings.timing = true;
  auto took = std::chrono::milliseconds(12);
  fake.conversation.on_execute = [&] { fake.clock.Advance(took); };
  RunStatement(fake.console, "a", {});
  took = std::chrono::milliseconds(61'500);
  RunStatement(fake.console, "a", {});
  took = std::chrono::milliseconds(3'723'004);
  RunStatement(fake.console, "a", {});
  CHECK(fake.err.Text() ==
        "OK\nTime: 12.000 ms\nOK\nTime: 61500.000 ms (01:01.500)\nOK\nTime: 3723004.000 ms (01:02:03.004)\n");
}

TEST_CASE("Echo shows each statement above its result, without its secrets; the server gets it as it is") {
  FakeConsole fake;
  fake.console.settings.echo = true;
  const std::string text = "ALTER USER u PASSWORD 'hunter2'";
  RunStatement(fake.console, text, {});
  CHECK(fake.out.Text() == "ALTER USER u PASSWORD '********';\n");
  CHECK(fake.conversation.executed[0] == text);
}

TEST_CASE("Notices go to standard error with the place of their statement") {
  FakeConsole fake;
  fake.conversation.notices = {{.severity = "WARNING", .message = "watch out", .hint = "duck"}};
  RunStatement(fake.console, "a", {.source = "s.sql", .line = 9});
  CHECK(fake.err.Text() == "s.sql:9: WARNING:  watch out\nHINT:  duck\nOK\n");
}

TEST_CASE("Variables are put in before the statement runs; an unknown one is the statement's error") {
  FakeConsole fake;
  REQUIRE(fake.console.variables.Set("n", "7").ok());
  CHECK(RunStatement(fake.console, "select ${n}", {}) == Verdict::kOk);
  CHECK(RunStatement(fake.console, "select ${m}", {.source = "v.sql", .line = 2}) == Verdict::kFailed);
  CHECK(fake.conversation.executed == std::vector<std::string>{"select 7"});
  CHECK(fake.err.Text().find("v.sql:2: ERROR:  no variable is named m\nLINE 1: select ${m}\n") != std::string::npos);
}

TEST_CASE("Ctrl-C: what runs is cancelled, what comes is not begun") {
  FakeConsole fake;
  fake.conversation.on_execute = [&] { fake.interrupts.Raise(); };
  fake.conversation.errors["slow"] = Error{.code = ErrorCode::kCancelled, .message = "cancelled"};
  CHECK(RunStatement(fake.console, "slow", {}) == Verdict::kInterrupted);
  CHECK(fake.conversation.cancels == 1);
  CHECK(RunStatement(fake.console, "next", {}) == Verdict::kInterrupted);
  CHECK(fake.conversation.executed.size() == 1);
  fake.interrupts.Clear();
  fake.conversation.on_execute = nullptr;
  CHECK(RunStatement(fake.console, "next", {}) == Verdict::kOk);
}

TEST_CASE("Ctrl-C during rows that have already come ends them") {
  FakeConsole fake;
  fake.conversation.results["q"] = {{.columns = {Integer("a")}, .rows = {{"1"}, {"2"}, {"3"}}, .tag = "SELECT 3"}};
  fake.conversation.on_execute = [&] { fake.interrupts.Raise(); };
  CHECK(RunStatement(fake.console, "q", {}) == Verdict::kInterrupted);
  CHECK(fake.out.Text() == " a \n---\n 1\n\n");
  CHECK(fake.err.Text() == "ERROR:  canceling statement due to user request\n");
}

namespace {

// A console whose results go to `fd`.
struct BrokenConsole : FakeConsole {
  explicit BrokenConsole(int fd) : broken(fd) {}
  berth::shell::Output broken;
  berth::shell::Console on_broken{.conversation = conversation,
                                  .catalog_name = "",
                                  .clock = clock,
                                  .interrupts = interrupts,
                                  .out = broken,
                                  .err = err.output()};
};

}  // namespace

TEST_CASE("A closed pipe ends quietly, a full disk does not") {
  ::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  {
    BrokenConsole fake(ends[1]);
    fake.conversation.results["q"] = {{.columns = {Integer("a")}, .rows = {{"1"}}, .tag = "SELECT 1"}};
    CHECK(RunStatement(fake.on_broken, "q", {}) == Verdict::kOutputGone);
    CHECK(fake.err.Text().empty());
    CHECK(fake.on_broken.exit_status == 0);
  }
  ::close(ends[1]);
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  {
    BrokenConsole fake(full);
    fake.conversation.results["q"] = {{.columns = {Integer("a")}, .rows = {{"1"}}, .tag = "SELECT 1"}};
    CHECK(RunStatement(fake.on_broken, "q", {}) == Verdict::kOutputGone);
    CHECK(fake.err.Text() == "ERROR:  the results could not be written: No space left on device\n");
    CHECK(fake.on_broken.exit_status == 1);
  }
  {
    BrokenConsole fake(full);  // so many rows that the disk is full in their midst
    const std::vector<berth::shell::test::Values> rows(20'000, {"1234567890"});
    fake.conversation.results["q"] = {{.columns = {Integer("a")}, .rows = rows, .tag = "SELECT 20000"}};
    CHECK(RunStatement(fake.on_broken, "q", {}) == Verdict::kOutputGone);
    CHECK(fake.err.Text() == "ERROR:  the results could not be written: No space left on device\n");
  }
  ::close(full);
}
