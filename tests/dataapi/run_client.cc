#include "run_client.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>

#include <doctest/doctest.h>

#include "berth/deadline.h"

namespace berth::test {
namespace {

constexpr std::chrono::minutes kClientMax{4};

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

ClientRun RunClient(const std::vector<std::string>& words, const std::vector<std::string>& environment) {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  auto arguments = words;
  auto variables = environment;
  const auto argv = Pointers(arguments);
  const auto envp = Pointers(variables);
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::dup2(pipe[1], STDERR_FILENO);
    ::close(pipe[0]);
    ::close(pipe[1]);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(pipe[1]);
  ClientRun run;
  const auto& clock = Clock::System();
  const auto deadline = Deadline::After(clock, kClientMax);
  pollfd wait{.fd = pipe[0], .events = POLLIN, .revents = 0};
  while (::poll(&wait, 1, static_cast<int>(deadline.Left(clock).count())) == 1) {
    std::array<char, 4096> buffer{};
    const auto got = ::read(pipe[0], buffer.data(), buffer.size());
    if (got <= 0) break;
    run.output.append(buffer.data(), static_cast<std::size_t>(got));
  }
  if (deadline.Passed(clock)) ::kill(pid, SIGKILL);
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return run;
}

std::vector<std::string> ClientEnvironment(const std::string& endpoint, const std::string& home) {
  std::vector<std::string> out{"BERTH_ENDPOINT=" + endpoint,
                               "HOME=" + home,
                               "PATH=/usr/bin:/bin",
                               "LANG=C.UTF-8",
                               "AWS_ACCESS_KEY_ID=berth",
                               "AWS_SECRET_ACCESS_KEY=berth",
                               "AWS_DEFAULT_REGION=us-west-2",
                               "AWS_MAX_ATTEMPTS=1",
                               "AWS_EC2_METADATA_DISABLED=true",
                               "AWS_PAGER=",
                               "NODE_NO_WARNINGS=1"};  // of versions that are to come
  if (const char* manners = ::getenv("BERTH_TEST_MANNERS")) out.push_back(std::string("BERTH_TEST_MANNERS=") + manners);
  return out;
}

AccessKey ReadAccessKey(const std::string& row) {
  const auto line = row.substr(row.find("BRTH"));
  const auto id = line.find('\t');
  const auto secret = line.find('\t', id + 1);
  return {.id = line.substr(0, id), .secret = line.substr(id + 1, secret - id - 1)};
}

std::vector<std::string> SignedEnvironment(const std::string& endpoint, const std::string& home, const AccessKey& key) {
  auto out = ClientEnvironment(endpoint, home);
  for (auto& variable : out) {
    if (variable.starts_with("AWS_ACCESS_KEY_ID=")) variable = "AWS_ACCESS_KEY_ID=" + key.id;
    if (variable.starts_with("AWS_SECRET_ACCESS_KEY=")) variable = "AWS_SECRET_ACCESS_KEY=" + key.secret;
  }
  return out;
}

}  // namespace berth::test
