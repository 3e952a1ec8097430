#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "berth/error.h"

namespace berth::pool {

// A counter that the processes of a folder share, and can sleep on. One word for all its slot files: news are rare.
class WakeWord {
 public:
  static Result<std::unique_ptr<WakeWord>> Open(const std::string& path, mode_t mode);
  WakeWord(const WakeWord&) = delete;
  WakeWord& operator=(const WakeWord&) = delete;
  ~WakeWord();

  std::uint32_t Read() const { return word_->load(); }
  void Ring() const;  // wakes all sleepers of all processes
  // Until it is rung after Read() gave `seen`, or `most` has passed; may wake for no reason.
  void Sleep(std::uint32_t seen, std::chrono::milliseconds most) const;

 private:
  explicit WakeWord(std::atomic<std::uint32_t>* word) : word_(word) {}
  std::atomic<std::uint32_t>* const word_;
};

}  // namespace berth::pool
