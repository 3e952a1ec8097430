#include "bench/pool/slots.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "bench/pool/loads.h"
#include "bench/pool/stub.h"
#include "bench/program.h"
#include "pool/slot_ledger.h"

namespace berth::bench {
namespace {

constexpr int kTakes = 100'000;
constexpr std::string_view kBegin = "begin\n";
constexpr std::string_view kEnd = "end\n";

std::unique_ptr<pool::SlotLedger> Ledger(const std::string& folder) {
  return pool::MakeHostLedger({.folder = folder, .program = "bench"});
}

SlotCosts MeasureHere(pool::SlotLedger& ledger, std::chrono::milliseconds time) {
  const Clock& clock = Clock::System();
  std::vector<double> took;
  took.reserve(1U << 20U);
  const auto end = clock.Now() + time;
  for (auto now = clock.Now(); now < end;) {
    {
      auto slot = ledger.TryTake({.connection_id = 1, .cap = 8});
      if (!slot.ok() || !slot.value()) throw std::runtime_error("no slot");
      (*slot.value())->Opened(4711, 1);
      (*slot.value())->Note(pool::SlotState::kBusy, now);
    }
    const auto then = clock.Now();
    took.push_back(std::chrono::duration<double, std::micro>(then - now).count());
    now = then;
  }
  std::sort(took.begin(), took.end());
  return {.median = took[took.size() / 2], .worst = took.back()};
}

void Mark(std::string_view word) {
  if (::write(STDOUT_FILENO, word.data(), word.size()) < 0) throw std::runtime_error("standard output is closed");
}

}  // namespace

SlotCosts MeasureSlots(const std::string& folder, int processes, std::chrono::milliseconds time) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("pipe failed");
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    SlotCosts costs{.median = -1};
    try {
      costs = MeasureHere(*Ledger(folder), time);
    } catch (const std::exception&) {
    }
    ::_exit(::write(ends[1], &costs, sizeof costs) == sizeof costs ? 0 : 1);
  }
  ::close(ends[1]);
  SlotCosts all;
  int answered = 0;
  for (SlotCosts costs; ::read(ends[0], &costs, sizeof costs) == sizeof costs && costs.median >= 0; ++answered) {
    all.median += costs.median / processes;
    all.worst = std::max(all.worst, costs.worst);
  }
  ::close(ends[0]);
  for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  if (answered != processes) throw std::runtime_error("a process had no slot");
  return all;
}

long SystemCallsToTakeIdle(const std::string& self, const std::string& folder, const std::string& trace) {
  try {
    OutputOf({"/usr/bin/strace", "-f", "-qq", "-o", trace, self, "--take-idle", folder}, {"PATH=/usr/bin:/bin"});
  } catch (const std::runtime_error&) {
    return -1;
  }
  std::ifstream lines(trace);
  std::string thread;  // that makes the marks; each line begins with its number
  long calls = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::string its = line.substr(0, line.find(' '));
    if (line.find("write(1, \"begin") != std::string::npos) {
      thread = its;
      calls = 0;
    } else if (its == thread) {
      if (line.find("write(1, \"end") != std::string::npos) return calls;
      if (line.find(" resumed>") == std::string::npos) ++calls;  // the rest of a call that was counted
    }
  }
  return -1;
}

int TakeIdle(const std::string& folder) {
  const auto factory = StubFactory({});
  const auto ledger = Ledger(folder);
  const auto pool = OpenPool(*factory, *ledger, 2, 1);
  TakeAndReturn(*pool);
  Mark(kBegin);
  for (int i = 0; i < kTakes; ++i) TakeAndReturn(*pool);
  Mark(kEnd);
  return 0;
}

}  // namespace berth::bench
