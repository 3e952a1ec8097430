#pragma once

#include <memory>
#include <optional>
#include <string>

#include "berth/deadline.h"
#include "berth/engine.h"
#include "berth/error.h"
#include "catalog/store.h"
#include "engine/cancel_point.h"
#include "engine/shared.h"
#include "engine/statement_limit.h"
#include "pool/pool.h"
#include "session/session.h"

namespace berth::engine {

// The connection that a conversation has in use, and the session that it keeps on it while it needs one. One thread at
// a time (its Conversation's mutex).
class Warehouse {
 public:
  explicit Warehouse(const Shared& shared, CancelPoint& cancel) : shared_(shared), cancel_(cancel) {}

  bool in_use() const { return connection_.has_value(); }
  std::int64_t connection_id() const { return connection_ ? connection_->id : 0; }
  std::string connection_name() const { return connection_ ? connection_->name : std::string(); }

  // Every session from now on serves that user of a service.
  void Serve(std::string user) { served_ = std::move(user); }

  // No session is opened. What was in use is given back. `read_at`: the catalog's data version, where it is known.
  void Use(catalog::Connection connection, std::int64_t read_at = -1);
  // The conversation's session, leased if it has none. Errors: kNotFound (the connection was dropped),
  // kFailedTransaction (the session was lost within a transaction), kInvalidArgument (08003: no connection in use), and
  // those of Pool::Acquire.
  Result<session::Session*> Session(Deadline deadline, const NoticeSink& notices);
  // A session of another connection, for one statement.
  Result<pool::Lease> LeaseOn(const catalog::Connection& connection, Deadline deadline);
  void GiveBack();
  // The session on that connection goes back, if there is one, whatever settings and temporary tables are in it.
  void GiveBackOf(std::int64_t connection_id, const NoticeSink& notices);
  // Before this conversation takes another session of `connection`: its own goes back if nothing in it could be missed.
  // Errors: kResourceExhausted, where it cannot and the cap leaves no other (nobody waits for himself).
  Status MakeRoom(const catalog::Connection& connection);

  // What the session is on loan for, said where it is not given back (LEAK_WARNING_AFTER); secrets are masked.
  void Label(std::string_view text);

  // For a statement on the connection in use.
  StatementLimit LimitOf(Deadline deadline) const;

  TransactionState transaction() const;
  // COMMIT or ROLLBACK after the session was lost within a transaction: true if there was such a thing to end.
  bool EndLostTransaction();
  bool backslash_escapes() const;
  bool session_open() const { return static_cast<bool>(lease_); }
  // One is held, and as far as a look at its socket tells the next statement can run on it.
  bool session_usable() const;
  bool transaction_lost() const { return lost_transaction_; }
  std::optional<SessionFacts> Facts() const;

  void SetWaitingSink(WaitingSink sink) { waiting_ = std::move(sink); }
  void StatementStarts();
  void StatementEnded();  // a session that broke within a transaction is remembered
  // This conversation itself has altered connections: whatever it left on its session is no reason to keep an old
  // login.
  void AlteredHere() { altered_here_ = true; }
  // After a commit of this conversation's own: a connection that it dropped is no longer in use.
  void ForgetIfDropped();
  // Nobody uses the session now. It goes back if its connection was dropped; if the connection is paused and nothing in
  // it could be missed; and after kQuietYield without a statement if others wait, here or in another process.
  void YieldIfQuiet(Clock::Steady now);

 private:
  Status Refresh(Deadline deadline);
  Result<pool::Lease> AcquireFrom(pool::Pool& pool, const catalog::Connection& connection, Deadline deadline);
  // Tells the session whom it serves.
  Status Introduce(session::Session& session, const catalog::Connection& connection, Deadline deadline) const;
  Status DropStaleLease(const NoticeSink& notices);

  const Shared& shared_;
  CancelPoint& cancel_;
  WaitingSink waiting_;
  std::string served_;  // empty: nobody in particular
  std::optional<catalog::Connection> connection_;
  std::int64_t read_at_ = -1;  // the catalog's data version when connection_ was read
  std::int64_t lease_login_version_ = 0;
  std::shared_ptr<pool::Pool> pool_;  // of lease_
  pool::Lease lease_;
  bool in_transaction_ = false;    // when the running statement began
  bool lost_transaction_ = false;  // refuse statements until it is ended
  bool altered_here_ = false;
  bool last_backslash_escapes_ = false;  // of the last session: what the next will most likely say
  Clock::Steady last_used_{};
};

inline constexpr std::chrono::milliseconds kQuietYield{2'000};
inline constexpr std::chrono::milliseconds kIntroduceMax{5'000};  // for the reset between two users
inline constexpr int kIntroducesMax = 3;                          // sessions that are tried, the new one at last

}  // namespace berth::engine
