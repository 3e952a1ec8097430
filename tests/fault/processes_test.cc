// Few processes, each with its part: who idles gives way, who forks keeps nothing.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "fleet.h"
#include "support/places.h"

namespace berth::test {
namespace {

Status RunOn(Engine& engine, const std::string& sql, milliseconds patience = seconds(30)) {
  auto rows = engine.Execute(sql, "etl", {}, Deadline::After(Clock::System(), patience));
  if (!rows.ok()) return std::move(rows).TakeError();
  for (;;) {
    auto row = rows.value()->Next();
    if (!row.ok()) return std::move(row).TakeError();
    if (!row.value()) return {};
  }
}

TEST_CASE("a waiter is served within 250 ms where another process holds only idle sessions") {
  FaultFixture f({.role = "fault_idle", .start = false});
  std::vector<std::thread> threads;
  for (int i = 0; i < 7; ++i) {
    threads.emplace_back([&] { CHECK(RunOn(*f.engine, "SELECT pg_sleep(0.3)").ok()); });
  }
  for (auto& thread : threads) thread.join();
  CHECK(f.observer.Count() == 7);
  // Locks of two open files exclude one another as those of two processes do.
  const auto other = f.OpenEngine();
  const Clock::Steady start = Clock::System().Now();
  const Status ran = RunOn(*other, "SELECT 1");
  CHECK_MESSAGE(ran.ok(), ran.error().message);
  const auto took = Clock::System().Now() - start;
  CHECK(took < 4 * milliseconds(250));
  MESSAGE(fmt::format("served after {} ms", std::chrono::duration_cast<milliseconds>(took).count()));
  CHECK(f.Refused() == 0);
}

// A program that forks as Python's multiprocessing does: the child may use nothing, and keeps nothing alive.
TEST_CASE("a forked child is refused, and kill -9 of its parent frees the slot while the child lives") {
  FaultFixture f({.role = "fault_fork", .limit = 1, .cap = 1, .start = false});
  int out[2];
  REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
  const std::string folder = f.dir.path().string();
  const std::string worker = FaultWorker();
  const pid_t parent = ::fork();
  if (parent == 0) {
    ::dup2(out[1], STDOUT_FILENO);
    ::execl(worker.c_str(), worker.c_str(), folder.c_str(), "etl", "fork", "SELECT 1", nullptr);
    ::_exit(127);
  }
  ::close(out[1]);
  std::string text;
  for (char c = 0; ::read(out[0], &c, 1) == 1 && c != '\n';) text += c;
  ::close(out[0]);
  int child = 0;
  char sqlstate[6] = {};
  REQUIRE_MESSAGE(std::sscanf(text.c_str(), "%d %5s", &child, sqlstate) == 2, text);
  CHECK(std::string(sqlstate) == "55000");
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  CHECK(::kill(child, 0) == 0);
  const Status ran = RunOn(*f.engine, "SELECT 1");
  CHECK_MESSAGE(ran.ok(), ran.error().message);
  ::kill(child, SIGKILL);
}

TEST_CASE("no thread and no descriptor is left after the engine is closed") {
  FaultFixture f({.role = "fault_leftovers", .start = false});
  f.engine.reset();
  const auto count = [](const char* folder) {
    std::size_t entries = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) entries += entry.exists() ? 1 : 0;
    return entries;
  };
  const std::size_t threads = count("/proc/self/task");
  const std::size_t descriptors = count("/proc/self/fd");
  f.engine = f.OpenEngine();
  std::vector<std::thread> users;
  for (int i = 0; i < 12; ++i) {
    users.emplace_back([&] { CHECK(RunOn(*f.engine, "SELECT pg_sleep(0.05)").ok()); });
  }
  for (auto& user : users) user.join();
  f.engine.reset();
  CHECK(count("/proc/self/task") == threads);
  CHECK(count("/proc/self/fd") == descriptors);
}

}  // namespace
}  // namespace berth::test
