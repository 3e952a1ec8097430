#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "berth/deadline.h"
#include "berth/error.h"
#include "pool/cancellation.h"
#include "pool/pool_options.h"
#include "pool/slot_ledger.h"
#include "session/session.h"

namespace berth::pool {

struct PoolStats {
  std::size_t idle = 0;
  std::size_t leased = 0;  // on loan, or being cleaned after it
  std::size_t opening = 0, closing = 0, waiting = 0;
  std::uint64_t opened_total = 0, broken_total = 0, timeouts_total = 0;
  std::uint64_t no_room_total = 0;  // logins that the server refused for lack of room
};

// A pool as SHOW POOLS tells of it.
struct PoolFacts {
  std::int64_t connection_id = 0;
  std::string name;
  std::size_t sessions_max = 0;
  bool paused = false;
  bool suspended = false;  // for refused passwords
  bool pressed = false;    // other processes wait for what this one holds
  PoolStats stats;
};

struct AcquireRequest {
  Deadline deadline;
  Cancellation* cancellation = nullptr;  // ends the wait from another thread
  std::string_view label = {};           // what the session is for, shown to who waits for it: no secret
  // Told kTellEvery while it waits, on its thread and with no lock held: the place in line, who holds what. Null:
  // nobody.
  const std::function<void(const std::string&)>* waiting = nullptr;
};

class Pool;
struct PooledSession;  // a session with its slot, age and versions

// A session on loan. Returned when destroyed; Discard() closes it instead. Returning never blocks: what needs the
// server (reset, close) is done aside. Move-only; one thread at a time. What the session gave (rows) must be gone
// before.
class Lease {
 public:
  Lease() = default;
  Lease(std::shared_ptr<Pool> pool, PooledSession* session);  // Pool only
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();

  explicit operator bool() const noexcept { return session_ != nullptr; }
  session::Session& operator*() const;
  session::Session* operator->() const { return &**this; }
  void Discard();  // closes the session; returns once the slot is free
  // What it is for from now on (AcquireRequest::label); cut to what PooledSession keeps.
  void SetLabel(std::string_view label);

 private:
  std::shared_ptr<Pool> pool_;
  PooledSession* session_ = nullptr;  // the pool's own
};

// The sessions of one catalog connection in one process. Safe from many threads. Waiters are served in order; idle
// sessions last in, first out. Never more than sessions_max sessions that the server counts. Threads of its own (at
// most kCrewMax, started when they are needed) log in, reset and close, so that no caller waits for a particular login.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  // All must outlive the pool and its leases.
  struct Environment {
    session::SessionFactory& factory;
    SlotLedger& ledger;
    const Clock& clock;
  };
  static std::shared_ptr<Pool> Create(PoolOptions options, Environment environment);
  // Ends logins under way, and waits for the server to hang up (kCloseWait).
  virtual ~Pool() = default;

  // The sooner of the deadline and acquire_timeout counts. Takes whichever comes first, a session that comes back or a
  // new one. A login that the server refuses for lack of room is tried again until then; where the server cannot be
  // reached, only those who have no session to wait for hear of it at once. Errors: kResourceExhausted (53300: names
  // the limit, the numbers, the longest holders), kLimitExceeded for too many waiters, kCancelled, kNotFound (the
  // connection was dropped), and whatever the login gave. While the connection is paused: waits, or kFailedPrecondition
  // (55000: who paused it, why, until when) at once; a wait that ends so is kResourceExhausted and says the same.
  virtual Result<Lease> Acquire(const AcquireRequest& request) = 0;
  Result<Lease> Acquire(Deadline deadline) { return Acquire(AcquireRequest{.deadline = deadline}); }
  // Sessions in use finish; those above the cap or of an older login_version are closed on return, idle ones now.
  // Options of an older version than those in force change nothing.
  virtual void Reconfigure(PoolOptions options) = 0;
  // Refuses new leases (kNotFound: dropped), closes idle sessions, waits for those in use until the deadline
  // (kDeadlineExceeded: how many remain; they are closed on return). After OK no thread and no session is left.
  virtual Status Close(Deadline deadline) = 0;
  // Returns when no session of this process is on loan and the idle ones are closed, without closing the pool: for
  // connections that are paused. kDeadlineExceeded: how many are still in use, and by whom.
  virtual Status Drain(Deadline deadline) = 0;
  virtual PoolStats Stats() const = 0;
  virtual PoolFacts Facts() const = 0;

 protected:
  friend class Lease;
  virtual void Relabel(PooledSession* session, std::string_view label) = 0;
  // End of a loan. `discard`: closed before it returns.
  virtual void Return(PooledSession* session, bool discard) = 0;
};

inline constexpr std::chrono::milliseconds kTellEvery{1'000};  // AcquireRequest::waiting
inline constexpr std::size_t kCrewMax = 6;                     // threads of a pool
inline constexpr std::size_t kConnectsMax = 4;  // of them, logging in at once; leaves two for resets and closes
// A newcomer may take an idle session while the first in line has waited less than this; then it is his.
inline constexpr std::chrono::microseconds kBargeMax{50};
// A second login at the same time only once the first in line has waited this long: sessions come back sooner than
// logins are done, and a spike shall not leave the pool full.
inline constexpr std::chrono::milliseconds kHurryAfter{50};
// Of those that came back less than this ago a thread gets one whose answers arrive on its own processor, or else the
// one that it had; of the others the one that came back last is first out.
inline constexpr std::chrono::milliseconds kNearFor{1};
inline constexpr std::size_t kNearLooksMax = 16;  // idle sessions that are looked at for that
inline constexpr std::chrono::milliseconds kLookAfter{
    5};  // idle shorter than this is taken without a look at the socket
inline constexpr std::chrono::milliseconds kProbeMax{2'000};
inline constexpr std::chrono::milliseconds kResetMax{10'000};
// What a killed process left at the server is cancelled, and given this long to go, before its slot's next login.
inline constexpr std::chrono::milliseconds kOrphanWait{50};
inline constexpr std::chrono::milliseconds kOrphanCancelMax{1'000};
// How often a pool looks whether it should give up sessions for other processes, while some wait.
inline constexpr std::chrono::milliseconds kYieldLook{20};
// How long a pool that has its share keeps out of the line for others that have nothing.
inline constexpr std::chrono::milliseconds kStepAside{100};
// A busy pool gives up one at most once in this many of its own login times, so that logins never become its work.
inline constexpr int kYieldLogins = 8;
// How soon a pool that lacks idle sessions tries again, after others had all slots or waited for one.
inline constexpr std::chrono::milliseconds kFillAgain{1'000};
inline constexpr double kLifetimeJitter = 0.1;

}  // namespace berth::pool
