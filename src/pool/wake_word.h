#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "berth/error.h"

namespace berth::pool {

// What the processes of a folder share beside its slot files: a counter that they can sleep on, one for all files since
// news are rare, and the epoch of the catalog.
class WakeWord {
 public:
  static Result<std::unique_ptr<WakeWord>> Open(const std::string& path, mode_t mode);
  WakeWord(const WakeWord&) = delete;
  WakeWord& operator=(const WakeWord&) = delete;
  ~WakeWord();

  std::uint32_t Read() const { return words_->bell.load(); }
  void Ring() const;  // wakes all sleepers of all processes
  // Until it is rung after Read() gave `seen`, or `most` has passed; may wake for no reason.
  void Sleep(std::uint32_t seen, std::chrono::milliseconds most) const;

  std::uint64_t Epoch() const { return words_->epoch.load(std::memory_order_relaxed); }
  void BumpEpoch() const;  // and rings

 private:
  struct Words {  // zeros are a good start
    std::atomic<std::uint32_t> bell;
    alignas(64) std::atomic<std::uint64_t> epoch;
  };
  explicit WakeWord(Words* words) : words_(words) {}
  Words* const words_;
};

}  // namespace berth::pool
