#pragma once

#include <atomic>
#include <cstdint>

namespace berth::statements {

// The bytes that results may take, one budget for all that are written at once. Safe from many threads.
class ResultBudget {
 public:
  explicit ResultBudget(std::int64_t max) : max_(max) {}

  bool Take(std::int64_t bytes) {
    if (used_.fetch_add(bytes) + bytes <= max_) return true;
    used_.fetch_sub(bytes);
    return false;
  }
  void Give(std::int64_t bytes) { used_.fetch_sub(bytes); }
  // What the store counts, from time to time: other processes write and remove results as well.
  void Set(std::int64_t bytes) { used_ = bytes; }
  std::int64_t used() const { return used_; }
  std::int64_t max() const { return max_; }

 private:
  const std::int64_t max_;
  std::atomic<std::int64_t> used_{0};
};

}  // namespace berth::statements
