#include "shell/meta_commands.h"

#include <doctest/doctest.h>

#include "fakes.h"

using berth::shell::Expanded;
using berth::shell::RunMetaCommand;
using berth::shell::Verdict;
using berth::shell::test::FakeConsole;

TEST_CASE("\\q leaves, \\? tells what there is") {
  FakeConsole fake;
  CHECK(RunMetaCommand(fake.console, "\\q", {}) == Verdict::kQuit);
  CHECK(RunMetaCommand(fake.console, "\\?", {}) == Verdict::kOk);
  for (const auto* command : {"\\c ", "\\conninfo", "\\timing", "\\x", "\\q", "\\gset", "\\copy"}) {
    CHECK(fake.out.Text().find(command) != std::string::npos);
  }
}

TEST_CASE("\\timing and \\x turn or set") {
  FakeConsole fake;
  const auto run = [&](const char* text) { return RunMetaCommand(fake.console, text, {}); };
  CHECK(run("\\timing") == Verdict::kOk);
  CHECK(fake.console.settings.timing);
  CHECK(run("\\timing off ") == Verdict::kOk);
  CHECK_FALSE(fake.console.settings.timing);
  CHECK(run("\\timing maybe") == Verdict::kFailed);
  CHECK_FALSE(fake.console.settings.timing);
  CHECK(run("\\x") == Verdict::kOk);
  CHECK(fake.console.settings.print.expanded == Expanded::kOn);
  CHECK(run("\\x auto") == Verdict::kOk);
  CHECK(fake.console.settings.print.expanded == Expanded::kAuto);
  CHECK(run("\\x") == Verdict::kOk);
  CHECK(fake.console.settings.print.expanded == Expanded::kOff);
  CHECK(run("\\x on off") == Verdict::kFailed);
  CHECK(fake.out.Text().empty());
}

TEST_CASE("\\g takes settings for one result, and refuses what is none") {
  FakeConsole fake;
  fake.conversation.results["select 1"] = {
      {.columns = {berth::shell::test::Text("a")}, .rows = {{"x,y"}, {std::nullopt}}, .tag = "SELECT 2"}};
  const auto run = [&](const char* text) {
    fake.console.last_statement = "select 1";
    return RunMetaCommand(fake.console, text, {});
  };
  CHECK(run("\\g (format=csv null='- -')") == Verdict::kOk);
  CHECK(fake.out.Text() == "a\n\"x,y\"\n- -\n");
  CHECK(fake.console.settings.print.format == berth::shell::OutputFormat::kTable);
  CHECK(fake.console.settings.print.null_text.empty());
  const auto ran = fake.conversation.executed.size();
  for (const char* wrong : {"\\g (format=nonsense)", "\\g (format=csv", "\\g (", "\\g (nothing=1)", "\\g (t=on) a b"}) {
    CAPTURE(wrong);
    CHECK(run(wrong) == Verdict::kFailed);
    CHECK_FALSE(fake.console.settings.print.tuples_only);
  }
  CHECK(fake.conversation.executed.size() == ran);
}

TEST_CASE("\\c uses a connection by the name that a person types") {
  FakeConsole fake;
  fake.conversation.connections = {"etl", "Mixed Case", "UPPER"};
  const auto run = [&](const char* text) {
    const auto verdict = RunMetaCommand(fake.console, text, {});
    return verdict == Verdict::kOk ? fake.conversation.now.connection : "failed";
  };
  CHECK(run("\\c etl") == "etl");
  CHECK(run("\\c ETL") == "etl");
  CHECK(run("\\c UPPER") == "UPPER");
  CHECK(run("\\c \"Mixed Case\"") == "Mixed Case");
  CHECK(run("\\c") == "Mixed Case");
  CHECK(run("\\c \"ETL\"") == "failed");
  CHECK(run("\\c nothing") == "failed");
  CHECK(fake.conversation.now.connection == "Mixed Case");
  CHECK(fake.console.exit_status == 1);
}

TEST_CASE("Variables are put into meta commands as well") {
  FakeConsole fake;
  fake.conversation.connections = {"etl"};
  REQUIRE(fake.console.variables.Set("WHERE", "etl").ok());
  CHECK(RunMetaCommand(fake.console, "\\c ${WHERE}", {}) == Verdict::kOk);
  CHECK(fake.conversation.now.connection == "etl");
  CHECK(RunMetaCommand(fake.console, "\\c ${HERE}", {}) == Verdict::kFailed);
  CHECK(fake.err.Text().find("no variable is named HERE") != std::string::npos);
}

TEST_CASE("\\conninfo") {
  FakeConsole fake;
  RunMetaCommand(fake.console, "\\conninfo", {});
  CHECK(fake.out.Text() == "connection:  none in use\ncatalog:     sqlite:/tmp/c.db\n");
  FakeConsole other;
  other.conversation.now.connection = "etl";
  other.conversation.facts = berth::SessionFacts{.connection = "etl",
                                                 .host = "127.0.0.1",
                                                 .database = "dev",
                                                 .user = "u",
                                                 .server_version = "15.6",
                                                 .port = 5439,
                                                 .backend_pid = 42,
                                                 .tls = true};
  RunMetaCommand(other.console, "\\conninfo", {});
  CHECK(other.out.Text() ==
        "connection:  etl\ndatabase:    dev\nuser:        u\nhost:        127.0.0.1\nport:        5439\n"
        "TLS:         yes\nserver:      15.6\nbackend pid: 42\ncatalog:     sqlite:/tmp/c.db\n");
}

TEST_CASE("An unknown command says what was near") {
  FakeConsole fake;
  CHECK(RunMetaCommand(fake.console, "\\conection x", {.source = "s.sql", .line = 3}) == Verdict::kFailed);
  CHECK(
      fake.err.Text() ==
      "s.sql:3: ERROR:  there is no command \\conection\nHINT:  Did you mean \\connections? \\? lists the commands.\n");
  FakeConsole other;
  CHECK(RunMetaCommand(other.console, "\\zzz", {}) == Verdict::kFailed);
  CHECK(other.err.Text() == "ERROR:  there is no command \\zzz\nHINT:  \\? lists the commands.\n");
}

TEST_CASE("Several commands on a line, and a statement behind two backslashes") {
  FakeConsole fake;
  CHECK(RunMetaCommand(fake.console, "\\x \\timing on \\\\ select 1; select 2", {}) == Verdict::kOk);
  CHECK(fake.console.settings.print.expanded == Expanded::kOn);
  CHECK(fake.console.settings.timing);
  CHECK(fake.conversation.executed == std::vector<std::string>{"select 1", "select 2"});
}
