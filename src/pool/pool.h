#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "berth/deadline.h"
#include "berth/error.h"
#include "pool/slot_ledger.h"
#include "session/session.h"

namespace berth::pool {

struct PoolOptions {
  std::int64_t connection_id = 0;
  std::string connection_name;       // for errors
  std::int64_t version = 0;          // of the connection's definition; a session opened under an older login_version is closed on return
  std::int64_t login_version = 0;    // grows when URL, user or password change
  std::size_t sessions_max = 10;     // MAX_CONCURRENT_CONNECTIONS
  std::size_t waiters_max = 1000;
  std::chrono::milliseconds acquire_timeout{30'000};
  std::chrono::milliseconds idle_max{300'000};
  std::chrono::milliseconds lifetime_max{1'800'000};  // less up to 10 %, drawn a session
  std::chrono::milliseconds probe_after{500};         // idle longer than this is probed before use
  // Resolved at each login, by the thread that logs in (passwords may be references).
  std::function<Result<session::ConnectParams>(Deadline)> params;
};

struct PoolStats {
  std::size_t idle = 0, leased = 0, opening = 0, closing = 0, waiting = 0;
  std::uint64_t opened_total = 0, broken_total = 0, timeouts_total = 0;
};

class Pool;
struct PooledSession;  // a session with its slot, age and versions

// A session on loan. Returned when destroyed; Discard() closes it instead. Move-only; one thread at a time.
class Lease {
 public:
  Lease() = default;
  Lease(std::shared_ptr<Pool> pool, std::unique_ptr<PooledSession> session);
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  ~Lease();

  explicit operator bool() const noexcept { return session_ != nullptr; }
  session::Session& operator*() const;
  session::Session* operator->() const { return &**this; }
  void Discard();  // closes the session; returns once the slot is free

 private:
  std::shared_ptr<Pool> pool_;
  std::unique_ptr<PooledSession> session_;
};

// The sessions of one catalog connection in one process. Safe from many threads. Waiters are served in order; idle sessions
// last in, first out. Never more than sessions_max sessions that the server counts.
class Pool : public std::enable_shared_from_this<Pool> {
 public:
  struct Environment {
    session::SessionFactory& factory;
    SlotLedger& ledger;
    const Clock& clock;
  };
  static std::shared_ptr<Pool> Create(PoolOptions options, Environment environment);
  virtual ~Pool() = default;

  // The sooner of `deadline` and acquire_timeout counts. Errors: kResourceExhausted (53300: names the limit, the numbers,
  // the longest holder), kLimitExceeded for too many waiters, and whatever the login gave.
  virtual Result<Lease> Acquire(Deadline deadline) = 0;
  // A waiter in Acquire on `this` gives up with kCancelled when `cancelled` turns true: see Wake().
  // Sessions in use finish; those above the cap or of an older login_version are closed on return.
  virtual void Reconfigure(PoolOptions options) = 0;
  // Refuses new leases (kNotFound: dropped), closes idle sessions, waits for those in use until the deadline.
  virtual Status Close(Deadline deadline) = 0;
  virtual PoolStats Stats() const = 0;
};

}  // namespace berth::pool
