#include "credentials/run_command.h"

#include <signal.h>

#include <chrono>
#include <string>

#include <doctest/doctest.h>

using berth::Clock;
using berth::Deadline;
using berth::credentials::RunCommand;
using berth::credentials::SplitCommand;

namespace {

// Through a shell, which is a program like any other here.
berth::Result<berth::Secret> Shell(const std::string& script, Deadline deadline = Deadline::Never()) {
  return RunCommand({"/bin/sh", "-c", script}, Clock::System(), deadline);
}

std::string FailureOf(const std::string& script) {
  const auto run = Shell(script);
  REQUIRE_FALSE(run.ok());
  CHECK(run.error().Sqlstate() == "28000");
  return run.error().message;
}

}  // namespace

TEST_CASE("a command line is cut at white space, double quotes keep it") {
  const auto words = SplitCommand("/usr/bin/aws  redshift\tget-cluster-credentials --db-user \"my user\" \"\"");
  REQUIRE(words.ok());
  CHECK(words.value() ==
        std::vector<std::string>{"/usr/bin/aws", "redshift", "get-cluster-credentials", "--db-user", "my user", ""});
  CHECK(SplitCommand("/bin/echo $HOME ; id | x").value().size() == 6);  // bytes like others
  for (const auto* bad : {"", "   ", "aws sts", "/bin/x \"open", "\"\" x"}) CHECK_FALSE(SplitCommand(bad).ok());
  std::string many = "/bin/x";
  for (int i = 0; i < 64; ++i) many += " a";
  CHECK_FALSE(SplitCommand(many).ok());
}

TEST_CASE("what the program prints comes back; its standard input is empty") {
  CHECK(Shell("printf 'secret'").value().Reveal() == "secret");
  CHECK(Shell("cat; echo done").value().Reveal() == "done\n");
  CHECK(Shell("head -c 65536 /dev/zero").value().Reveal().size() == 65536);
}

TEST_CASE("a program that fails is named, with what it said on standard error") {
  CHECK(FailureOf("exit 3").find("/bin/sh ended with status 3") != std::string::npos);
  CHECK(FailureOf("kill -9 $$").find("killed by signal 9") != std::string::npos);
  CHECK(FailureOf("true").find("printed nothing") != std::string::npos);
  const auto run = Shell("echo 'Unable to locate credentials' >&2; echo hidden; exit 255");
  REQUIRE_FALSE(run.ok());
  CHECK(run.error().detail == "Unable to locate credentials");
  CHECK(run.error().message.find("hidden") == std::string::npos);
  const auto missing = RunCommand({"/no/such/program"}, Clock::System(), Deadline::Never());
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().message.find("/no/such/program cannot be run: No such file") != std::string::npos);
}

TEST_CASE("a program that prints without end is stopped") {
  CHECK(FailureOf("head -c 65537 /dev/zero").find("printed more than 65536 bytes") != std::string::npos);
  CHECK(FailureOf("cat /dev/zero").find("printed more than 65536 bytes") != std::string::npos);
}

TEST_CASE("a program that hangs is killed with all its children at the deadline") {
  const auto run =
      Shell("sleep 1000 & echo $!; wait", Deadline::After(Clock::System(), std::chrono::milliseconds(200)));
  REQUIRE_FALSE(run.ok());
  CHECK(run.error().message.find("did not end within") != std::string::npos);
}

TEST_CASE("a child that keeps the pipe open does not hold up the answer") {
  const auto run = Shell("sleep 5 & printf p", Deadline::After(Clock::System(), std::chrono::milliseconds(4'000)));
  REQUIRE(run.ok());
  CHECK(run.value().Reveal() == "p");
}
