#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "berth/deadline.h"
#include "pool/slot_ledger.h"
#include "session/session.h"

namespace berth::pool {

// Where a session is. Each stage is a list of the pool, and PoolImpl::Move alone takes a session from one to another.
enum class Stage : std::uint8_t {
  kIdle,       // may be taken; the one that came back last is at the end
  kProbing,    // a crew thread asks whether it is alive, so that it stays so
  kLeased,     // on loan; the longest holder is first
  kToReset,    // came back stained or in a transaction: waits for a crew thread
  kResetting,  // a crew thread cleans it
  kToClose,    // waits for a crew thread
  kClosing,    // some thread waits for the server to hang up
};
inline constexpr std::size_t kStages = 7;

inline constexpr std::size_t kLabelMax = 120;  // bytes

// A session with its slot and its history. `session` belongs to whoever has it on loan; the other members to the pool,
// under its mutex.
struct PooledSession {
  Slot slot;  // before `session`, so that it falls after the server has closed the session
  std::unique_ptr<session::Session> session;

  Stage stage = Stage::kIdle;
  std::int64_t login_version = 0;
  Clock::Steady opened;
  Clock::Steady since;                  // idle or leased since; a probe in between does not count
  Clock::Steady probed;                 // when the crew last saw it alive
  bool leak_told = false;               // of this lease
  double lifetime_share = 1;            // of lifetime_max, drawn when it was opened
  Clock::Steady::duration idle_for{0};  // before it was leased

  int thread = 0;                            // of the holder
  int processor = -1;                        // Session::processor(), as of its return
  std::array<char, kLabelMax> label_text{};  // of the holder, cut
  std::size_t label_size = 0;

  PooledSession* prev = nullptr;
  PooledSession* next = nullptr;

  std::string_view label() const { return {label_text.data(), label_size}; }
  void SetLabel(std::string_view label) {
    label_size = std::min(label.size(), label_text.size());
    // Not in the middle of a UTF-8 character.
    while (label_size < label.size() && label_size > 0 &&
           (static_cast<unsigned char>(label[label_size]) & 0xC0) == 0x80) {
      --label_size;
    }
    std::copy_n(label.begin(), label_size, label_text.begin());
  }
};

}  // namespace berth::pool
