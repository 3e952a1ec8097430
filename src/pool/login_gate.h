#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>

#include "berth/deadline.h"
#include "berth/error.h"
#include "pool/slot_ledger.h"

namespace berth::pool {

inline constexpr std::chrono::milliseconds kBackoffFirst{20};
inline constexpr std::chrono::milliseconds kBackoffMax{2'000};
inline constexpr std::size_t kRefusedMax =
    3;  // refused passwords in a row; then no more, so that no account gets locked

// What failed logins mean for the next one. Plain facts, no thread of its own; guarded by who holds it.
class LoginGate {
 public:
  // What a failed login means for those who wait.
  enum class Verdict : std::uint8_t {
    kWaitOn,          // the server has no room now: nobody hears of it before his deadline
    kFailIfHopeless,  // the server cannot be reached: those for whom no other session can come back
    kFailHead,        // it will not change by waiting: the head at once; all, if no other session can come back
  };

  explicit LoginGate(std::uint64_t seed) : random_(static_cast<std::minstd_rand::result_type>(seed)) {}

  Verdict Failed(const Error& error, const Clock& clock);
  void Succeeded() { Forget(); }
  // What all processes together were refused.
  void Merge(const Refusals& refusals);
  void Forget();  // another password, host or user: all starts anew

  bool failing() const noexcept { return failures_ > 0; }
  bool suspended() const noexcept { return refused_ >= kRefusedMax; }
  Clock::Steady retry_at() const noexcept { return retry_at_; }
  const std::optional<Error>& last_error() const noexcept { return last_error_; }
  std::size_t refused() const noexcept { return refused_; }
  Clock::Wall refused_since() const noexcept { return refused_since_; }
  const std::string& refused_sqlstate() const noexcept { return refused_sqlstate_; }

  double Draw() { return std::uniform_real_distribution<double>(0, 1)(random_); }

 private:
  std::size_t failures_ = 0;  // in a row
  std::size_t refused_ = 0;   // of them, passwords
  Clock::Steady retry_at_ = Clock::Steady::min();
  Clock::Wall refused_since_;
  std::string refused_sqlstate_;  // of the last one
  std::optional<Error> last_error_;
  std::minstd_rand random_;
};

}  // namespace berth::pool
