#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "berth/deadline.h"

namespace berth::catalog {

// When and how a job runs, by the options of those names.
struct JobPlan {
  std::chrono::milliseconds run_interval{0};  // 0: not given
  std::string schedule, time_zone;            // empty: not given
  bool auto_commit = false;
  std::chrono::milliseconds run_timeout{0};  // 0: none
  std::int32_t retries = 0;
  std::chrono::milliseconds retry_delay{30'000};
  std::string without_effect;  // options, as ALTER JOB .. SET writes them

  bool scheduled() const { return run_interval.count() > 0 || !schedule.empty(); }
  friend bool operator==(const JobPlan&, const JobPlan&) = default;
};

// PAUSE JOB: its schedule rests.
struct JobPause {
  Clock::Wall at{};
  std::string by;  // "user@host program"
  friend bool operator==(const JobPause&, const JobPause&) = default;
};

enum class RunState : std::uint8_t {
  kWaiting,  // for a session: nothing was sent
  kRunning,
  kSucceeded,
  kFailed,
  kAbandoned,  // its process ended while it waited: nothing was sent
};
std::string_view RunStateName(RunState state);  // "waiting", "running", "succeeded", "failed", "abandoned"

// One run of a job: RUN JOB, or one attempt at one tick of its schedule.
struct JobRun {
  std::int64_t id = 0;
  std::int64_t job_id = 0;
  std::string job, connection;      // their names; the connection's is that of then
  std::optional<Clock::Wall> tick;  // when it was due; nullopt: RUN JOB
  std::int32_t attempt = 1;
  RunState state = RunState::kWaiting;
  bool in_doubt = false;  // it failed, and may have been done all the same
  Clock::Wall started{};
  std::optional<Clock::Wall> ended;
  std::chrono::milliseconds duration{0};  // once it has ended
  std::optional<std::int64_t> rows;       // that its statements wrote, where the server says so
  std::string notices;                    // one a line
  std::string error, sqlstate;
  std::string run_by;  // "user@host program"
  std::int64_t pid = 0;

  bool open() const { return state == RunState::kWaiting || state == RunState::kRunning; }
};

inline constexpr std::size_t kRunsKept = 1'000;  // a job; the oldest are forgotten

}  // namespace berth::catalog
