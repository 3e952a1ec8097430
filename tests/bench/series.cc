#include "bench/series.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace berth::bench {

double Series::Quantile(double share) const {
  if (values_.empty()) return 0;
  auto sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

void Interleave(std::vector<Contestant>& contestants, std::size_t rounds) {
  for (auto& contestant : contestants) contestant.measure();
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      auto& contestant = contestants[(round + i) % contestants.size()];
      contestant.series.Add(contestant.measure());
    }
  }
}

std::string Table(const std::vector<Contestant>& contestants, const std::string& unit) {
  std::string text = fmt::format("  {:<44} {:>10} {:>10} {:>10}\n", unit, "p50", "p99", "speed");
  const double first = contestants.front().series.Median();
  for (const auto& contestant : contestants) {
    const auto& series = contestant.series;
    text += fmt::format("  {:<44} {:>10.3f} {:>10.3f} {:>9.2f}x\n", contestant.name, series.Median(),
                        series.Quantile(0.99), first / series.Median());
  }
  return text;
}

std::string Verdict(const Bar& bar) {
  const bool least = bar.bound == Bound::kAtLeast;
  const bool held = least ? bar.value >= bar.bar : bar.value <= bar.bar;
  return fmt::format("  {} {:.2f} (bar: {} {:.2f}) {}\n", bar.what, bar.value, least ? "at least" : "at most", bar.bar,
                     held ? "held" : "MISSED");
}

}  // namespace berth::bench
