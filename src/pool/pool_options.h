#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "pool/group_share.h"
#include "session/session.h"

namespace berth::pool {

// PAUSE CONNECTION: no new lease until it ends. Sessions in use finish, idle ones are closed.
struct Pause {
  enum class Mode : std::uint8_t { kWait, kRefuse };
  Mode mode = Mode::kWait;
  std::string by;                    // who paused it
  std::string why;                   // may be empty
  std::optional<Clock::Wall> until;  // nullopt: until it is resumed
  Clock::Wall since{};
};

struct PoolOptions {
  std::int64_t connection_id = 0;
  std::string connection_name;  // for errors
  // Of the connection's definition, its pause among it: an older one never replaces a newer one. Of the same version
  // the one with the newer group->version counts.
  std::int64_t version = 0;
  std::int64_t login_version = 0;  // grows when URL, user or password change; sessions of an older one are replaced
  std::size_t sessions_max = 10;   // MAX_CONCURRENT_CONNECTIONS
  std::size_t waiters_max = 1000;
  std::chrono::milliseconds acquire_timeout{30'000};
  std::chrono::milliseconds idle_max{300'000};        // of those above min_idle
  std::chrono::milliseconds lifetime_max{1'800'000};  // less up to 10 %, drawn a session
  std::chrono::milliseconds probe_after{500};         // idle longer than this is probed before use
  std::size_t min_idle = 0;  // kept open by the crew, under the cap, while nobody else waits for a slot
  std::chrono::milliseconds keepalive_interval{0};  // an idle session is probed this often; 0: never
  std::chrono::milliseconds leak_after{0};          // on loan for longer is a warning in the log; 0: never
  std::optional<GroupShare> group;
  std::optional<Pause> pause;
  // Resolved at each login, by the thread that logs in (passwords may be references).
  std::function<Result<session::ConnectParams>(Deadline)> params;
  // Of all connections that log in there as its user, itself among them: asked with no lock held, by who waited in
  // vain. Null, or no answer: nobody knows of others than those of its group.
  std::function<std::vector<std::int64_t>()> same_user;

  bool NewerThan(const PoolOptions& other) const {
    if (version != other.version) return version > other.version;
    return group && (!other.group || group->version > other.group->version);
  }
};

}  // namespace berth::pool
