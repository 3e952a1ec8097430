#include "bench/report.h"

#include <fmt/core.h>
#include <stdlib.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "bench/series.h"
#include "berth/deadline.h"

namespace berth::bench {
namespace {

double CalibrationMs() {
  const auto began = Clock::System().Now();
  std::uint64_t state = 88172645463325252U;
  for (int i = 0; i < 100'000'000; ++i) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
  }
  const std::chrono::duration<double, std::milli> took = Clock::System().Now() - began;
  return state == 0 ? 0 : took.count();
}

}  // namespace

void Print(const std::string& text) {
  fmt::print("{}", text);
  std::fflush(stdout);
}

std::string Variable(const char* name) {
  const char* value = ::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread is started
  return value == nullptr ? "" : value;
}

void Calibrate() {
  std::vector<Contestant> calibration{{.name = "100 million steps of xorshift64", .measure = CalibrationMs}};
  Interleave(calibration, 5);
  Print("Calibration\n" + Table(calibration, "ms") + "\n");
}

}  // namespace berth::bench
