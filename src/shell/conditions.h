#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "berth/error.h"

namespace berth::shell {

// \if .. \elif .. \else .. \endif of one script, or of what is typed at a prompt: whether what stands now is run. One
// thread.
class Conditions {
 public:
  static constexpr std::size_t kOpenMax = 100;

  static bool IsWord(std::string_view command);  // one of the four, with its backslash

  bool active() const { return open_.empty() || open_.back() == Branch::kRuns; }
  bool open() const { return !open_.empty(); }
  // `expression` is what stands behind \if and \elif, variables replaced; it is looked at only where it decides.
  // Errors: kSyntax (no boolean, which counts as false; no \if before it; behind \else), kLimitExceeded.
  Status Take(std::string_view command, std::string_view expression);
  void Reset() { open_.clear(); }

 private:
  enum class Branch : std::uint8_t {
    kRuns,
    kWaits,  // none of its branches was run yet
    kDone,   // one was, or the whole stands in a branch that is not
  };
  Status If(std::string_view expression);
  Status Elif(std::string_view expression);
  Status Decide(std::string_view command, std::string_view expression);

  std::vector<Branch> open_;
  std::vector<bool> else_seen_;  // of each of them
};

}  // namespace berth::shell
