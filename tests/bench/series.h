#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace berth::bench {

// The measurements of one contestant, one a round. The unit is the caller's.
class Series {
 public:
  void Add(double value) { values_.push_back(value); }
  // By nearest rank, `share` from 0 to 1; 0 where nothing was measured.
  double Quantile(double share) const;
  double Median() const { return Quantile(0.5); }

 private:
  std::vector<double> values_;
};

struct Contestant {
  std::string name;
  std::function<double()> measure;  // one round
  Series series;
};

// Rounds in which each contestant is measured once; who is first changes with each round. One round before that is
// thrown away.
void Interleave(std::vector<Contestant>& contestants, std::size_t rounds);

// A ratio of the medians that must be reached, as printed under a table.
enum class Bound { kAtLeast, kAtMost };
struct Bar {
  std::string what;
  double value = 0;
  double bar = 0;
  Bound bound = Bound::kAtLeast;
};

// "name  p50  p99  <first>/<this>": the last is how many times as fast as the first one this is.
std::string Table(const std::vector<Contestant>& contestants, const std::string& unit);
std::string Verdict(const Bar& bar);

}  // namespace berth::bench
