// fault_worker CATALOG_FOLDER CONNECTIONS THREADS SQL: its threads run the statement on the connections ("a,b") in turn
// until standard input ends. Then it writes "least most total failed late" (statements of a thread; of all; those that
// failed; those that ended well after their deadline), and a line for each error's SQLSTATE and text.
// With THREADS = fork: runs it once, forks, and writes the child's pid and the SQLSTATE that the child gets. Both stay.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "berth/engine.h"

namespace {

using berth::Deadline;

constexpr std::chrono::seconds kPatience{20};
constexpr std::chrono::seconds kGrace{8};  // to cancel, and to close a session

struct Errors {
  std::mutex mutex;
  std::map<std::string, int> seen;
  void Add(const berth::Error& error) {
    const std::lock_guard lock(mutex);
    ++seen[std::string(error.Sqlstate()) + " " + error.message];
  }
};

berth::Status RunOnce(berth::Engine& engine, const std::string& connection, const std::string& sql) {
  const Deadline deadline = Deadline::After(berth::Clock::System(), kPatience);
  auto rows = engine.Execute(sql, connection, {}, deadline);
  if (!rows.ok()) return std::move(rows).TakeError();
  for (;;) {
    auto row = rows.value()->Next();
    if (!row.ok()) return std::move(row).TakeError();
    if (!row.value()) return {};
  }
}

int Fork(berth::Engine& engine, const std::string& connection, const std::string& sql) {
  if (const auto ran = RunOnce(engine, connection, sql); !ran.ok()) {
    std::printf("%s\n", ran.error().message.c_str());
    return 1;
  }
  if (::fork() == 0) {
    const auto ran = RunOnce(engine, connection, sql);
    std::printf("%d %s\n", ::getpid(), ran.ok() ? "00000" : std::string(ran.error().Sqlstate()).c_str());
    std::fflush(stdout);
  }
  for (;;) ::pause();
}

std::vector<std::string> Split(std::string names) {
  std::vector<std::string> all;
  names += ',';
  for (std::size_t at = 0; (at = names.find(',')) != std::string::npos; names.erase(0, at + 1)) {
    all.push_back(names.substr(0, at));
  }
  return all;
}

struct Counts {
  std::vector<std::atomic<int>> each;
  std::atomic<long> failed{0};
  std::atomic<int> late{0};
  Errors errors;
};

void RunUntil(const std::atomic<bool>& stop, std::size_t number, Counts& counts,
              const std::function<berth::Status()>& run) {
  while (!stop) {
    const Deadline latest = Deadline::After(berth::Clock::System(), kPatience + kGrace);
    const berth::Status ran = run();
    if (latest.Passed(berth::Clock::System())) ++counts.late;
    if (ran.ok()) {
      ++counts.each[number];
    } else {
      ++counts.failed;
      counts.errors.Add(ran.error());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  auto engine =
      berth::Engine::Open({.catalog_uri = "sqlite:" + std::string(argv[1]) + "/catalog.db", .program = "fault-worker"});
  if (!engine.ok()) {
    std::fprintf(stderr, "%s\n", engine.error().message.c_str());
    return 1;
  }
  const std::vector<std::string> connections = Split(argv[2]);
  const std::string sql = argv[4];
  if (std::string(argv[3]) == "fork") return Fork(*engine.value(), connections.front(), sql);
  Counts counts{.each = std::vector<std::atomic<int>>(std::stoul(argv[3]))};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < counts.each.size(); ++i) {
    threads.emplace_back([&, i] {
      RunUntil(stop, i, counts, [&] { return RunOnce(*engine.value(), connections[i % connections.size()], sql); });
    });
  }
  char ignored = 0;
  while (::read(STDIN_FILENO, &ignored, 1) > 0) {
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  engine.value().reset();

  std::vector<int> all(counts.each.begin(), counts.each.end());
  long total = 0;
  for (const int count : all) total += count;
  const auto [least, most] = std::minmax_element(all.begin(), all.end());
  std::printf("%d %d %ld %ld %d\n", *least, *most, total, counts.failed.load(), counts.late.load());
  for (const auto& [text, count] : counts.errors.seen) std::printf("%d times %s\n", count, text.c_str());
  return 0;
}
