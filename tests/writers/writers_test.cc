#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "berth/keeping.h"
#include "catalog/store.h"
#include "support/temp_dir.h"

namespace berth::test {
namespace {

constexpr int kWriters = 8;
constexpr int kKillEveryMs = 200;
constexpr long kWaitMaxUs = 100'000;  // no writer waits longer for the lock

// A writer as a process of its own; killed where it still runs at the end.
class Process {
 public:
  Process(const std::string& catalog, int seed, const char* counts) {
    int in[2];
    int out[2];
    REQUIRE(::pipe2(in, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
    const std::string number = std::to_string(seed);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], STDIN_FILENO);
      ::dup2(out[1], STDOUT_FILENO);
      ::execl(CATALOG_WRITER, CATALOG_WRITER, catalog.c_str(), number.c_str(), counts, nullptr);
      ::_exit(127);
    }
    REQUIRE(pid_ > 0);
    ::close(in[0]);
    ::close(out[1]);
    input_ = in[1];
    output_ = out[0];
  }
  Process(Process&& other) noexcept
      : pid_(std::exchange(other.pid_, -1)),
        input_(std::exchange(other.input_, -1)),
        output_(std::exchange(other.output_, -1)) {}
  Process& operator=(Process&&) = delete;
  ~Process() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    if (input_ >= 0) ::close(input_);
    ::close(output_);
  }
  // Tells it to end; all do at once, then each is heard.
  void End() { ::close(std::exchange(input_, -1)); }
  std::string Hear() const {
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(output_, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  pid_t pid_ = -1;
  int input_ = -1, output_ = -1;
};

template <class T>
T Must(Result<T> result) {
  if (!result.ok()) FAIL(result.error().message);
  return std::move(result).value();
}

Deadline Soon() {
  return Deadline::After(Clock::System(), std::chrono::seconds(20));
}

void MakeCounter(catalog::Store& store) {
  const auto transaction = Must(store.Begin(catalog::Access::kWrite, Soon()));
  catalog::Connection counter{.name = "counter",
                              .connection_string = "jdbc:redshift://host.example:5439/dev",
                              .host = "host.example",
                              .port = 5439,
                              .database = "dev",
                              .user_name = "u",
                              .password_kind = PasswordKind::kEnv,
                              .password_reference = "V"};
  counter.comment = "0";
  Must(transaction->InsertConnection(counter, Secret()));
  REQUIRE(transaction->Commit().ok());
}

TEST_CASE("eight writers and one that is killed over and over: nothing dangles and no update is lost") {
  const TempDir folder;
  const std::string path = folder / "catalog.db";
  const auto store = Must(catalog::Store::Open({.uri = "sqlite:" + path, .actor = "u@h test"}));
  MakeCounter(*store);
  double load = 0;
  REQUIRE(::getloadavg(&load, 1) == 1);
  const bool busy = load > std::thread::hardware_concurrency();  // then a holder of the lock waits for a processor
  const char* soak = std::getenv("BERTH_SOAK");                  // NOLINT(concurrency-mt-unsafe): nobody sets it
  const int kills = (soak != nullptr ? 60'000 : 3'000) / kKillEveryMs;
  std::vector<Process> writers;
  for (int i = 0; i < kWriters; ++i) writers.emplace_back(path, i + 1, "counts");
  for (int i = 0; i < kills; ++i) {
    const Process killed(path, 1'000 + i, "killed");  // nobody hears what it counted: it does not
    ::poll(nullptr, 0, kKillEveryMs);
  }
  for (auto& writer : writers) writer.End();
  long counted = 0;
  long done = 0;
  long longest_wait = 0;
  long longest_write = 0;
  for (const auto& writer : writers) {
    std::istringstream told(writer.Hear());
    long one = 0;
    long statements = 0;
    long wait = 0;
    long write = 0;
    REQUIRE(static_cast<bool>(told >> one >> statements >> wait >> write));
    counted += one;
    done += statements;
    longest_wait = std::max(longest_wait, wait);
    longest_write = std::max(longest_write, write);
    std::string strange;
    std::getline(told >> std::ws, strange, '\0');
    CHECK_MESSAGE(strange.empty(), strange);
  }
  MESSAGE(done << " changes, " << counted << " of them counted, " << kills
               << " kills; the longest wait for the lock was " << longest_wait
               << " microseconds, the longest write with its wait and its commit " << longest_write);
  CHECK(counted > 0);
  const auto reading = Must(store->Begin(catalog::Access::kRead, Soon()));
  const long number = std::stol(Must(reading->FindConnection("counter"))->comment);
  CHECK(number == counted);
  const auto report = Must(store->Check(Soon()));
  for (const auto& finding : report.findings) FAIL_CHECK(finding.what);
  if (busy) MESSAGE("others were at work here (load " << load << "): how long writers waited is not judged");
  if (soak == nullptr || busy) return;
  CHECK(longest_wait <= kWaitMaxUs);
  CHECK(longest_write <= kWaitMaxUs);  // of which the wait is a part
}

}  // namespace
}  // namespace berth::test
