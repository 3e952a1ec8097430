#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "pool/login_gate.h"
#include "pool/pool.h"

namespace berth::pool {

// What the pool says to people. Pure.

inline constexpr std::size_t kHoldersShown = 3;

struct Holder {
  int thread = 0;
  std::string label;
  Clock::Steady::duration held{0};
};

// How many sessions the server lets the login's user have; below 0: any, or nobody knows.
struct UserLimit {
  std::string user;
  std::int64_t limit = -1;
};

struct Shortage {
  const PoolOptions& options;
  PoolStats stats;
  std::vector<Holder> longest;  // first: the longest
  const LoginGate gate;         // as it was then
  Clock::Steady::duration waited{0};
  std::size_t place = 1;          // in this process's line, from 1
  std::size_t process_place = 1;  // of this process in the line of all
  bool paused = false;
  std::vector<SlotFacts> slots = {};  // of all processes; empty where this one is alone
  LineView line = {};
  UserLimit user = {};
  std::vector<SlotFacts> group_slots = {};  // of its group, if it is in one
  // Of all connections that log in as its user, over all processes; nullopt: not known.
  std::optional<std::size_t> user_sessions = {};
};

std::string SpanText(Clock::Steady::duration span);  // 30 s, 1.5 s, 250 ms
std::string OrdinalText(std::size_t n);              // 1st, 12th
// Who has had slots in use for longest, over all processes but this one, each by its pid; empty: nobody.
std::string SlotHoldersText(std::vector<SlotFacts> slots);
std::size_t CountAlive(const std::vector<SlotFacts>& slots);
// `; of its group "wh" 5 of 7 slots are in use and 1 is reserved for others`. `slots`: of the group, over all
// processes.
std::string GroupText(const GroupShare& group, const std::vector<SlotFacts>& slots);
std::string RaiseGroupHint(const GroupShare& group);
std::string LeakText(const std::string& connection_name, const Holder& holder);
std::string WaitingText(const Shortage& shortage);  // one line, for who still waits
Error NoSessionError(const Shortage& shortage);
Error TooManyWaitersError(const PoolOptions& options);
Error DroppedError(const PoolOptions& options);
Error CancelledError(const PoolOptions& options);
Error SuspendedError(const PoolOptions& options, const LoginGate& gate);
Error PausedError(const PoolOptions& options);  // which has a pause
Error StillInUseError(const PoolOptions& options, const PoolStats& stats, const std::vector<Holder>& longest);
Error ForkedError();
Error NoThreadError(const PoolOptions& options);

}  // namespace berth::pool
