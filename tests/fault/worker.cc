// fault_worker CATALOG_FOLDER CONNECTION THREADS: its threads use the connection until standard input ends. Then it
// writes how many statements each thread ran, as "least most total", and a line for each error's SQLSTATE and text.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "berth/engine.h"

namespace {

using berth::Deadline;

constexpr std::chrono::seconds kPatience{20};

struct Errors {
  std::mutex mutex;
  std::map<std::string, int> seen;
  void Add(const berth::Error& error) {
    const std::lock_guard lock(mutex);
    ++seen[std::string(error.Sqlstate()) + " " + error.message];
  }
};

berth::Status RunOnce(berth::Engine& engine, const std::string& connection) {
  const Deadline deadline = Deadline::After(berth::Clock::System(), kPatience);
  auto rows = engine.Execute("SELECT pg_sleep(0.002)", connection, {}, deadline);
  if (!rows.ok()) return std::move(rows).TakeError();
  for (;;) {
    auto row = rows.value()->Next();
    if (!row.ok()) return std::move(row).TakeError();
    if (!row.value()) return {};
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  auto engine =
      berth::Engine::Open({.catalog_uri = "sqlite:" + std::string(argv[1]) + "/catalog.db", .program = "fault-worker"});
  if (!engine.ok()) {
    std::fprintf(stderr, "%s\n", engine.error().message.c_str());
    return 1;
  }
  const std::string connection = argv[2];
  std::vector<std::atomic<int>> counts(std::stoul(argv[3]));
  std::atomic<bool> stop{false};
  Errors errors;
  std::vector<std::thread> threads;
  for (auto& count : counts) {
    threads.emplace_back([&] {
      while (!stop) {
        const berth::Status ran = RunOnce(*engine.value(), connection);
        if (ran.ok()) {
          ++count;
        } else {
          errors.Add(ran.error());
        }
      }
    });
  }
  char ignored = 0;
  while (::read(STDIN_FILENO, &ignored, 1) > 0) {
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  engine.value().reset();

  std::vector<int> all(counts.begin(), counts.end());
  long total = 0;
  for (const int count : all) total += count;
  const auto [least, most] = std::minmax_element(all.begin(), all.end());
  std::printf("%d %d %ld\n", *least, *most, total);
  for (const auto& [text, count] : errors.seen) std::printf("%d times %s\n", count, text.c_str());
  return 0;
}
