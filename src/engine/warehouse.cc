#include "engine/warehouse.h"

#include <fmt/core.h>

#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "engine/catalog_news.h"
#include "engine/connection_state.h"
#include "engine/login.h"
#include "parser/redact.h"

namespace berth::engine {
namespace {

bool InTransaction(session::SessionState state) {
  return state == session::SessionState::kInTransaction || state == session::SessionState::kFailedTransaction;
}

}  // namespace

void Warehouse::Use(catalog::Connection connection, std::int64_t read_at) {
  if (connection_ && connection_->id == connection.id) return;
  GiveBack();
  connection_ = std::move(connection);
  read_at_ = read_at;
  lost_transaction_ = false;
}

void Warehouse::GiveBack() {
  if (lease_) lease_->SetNoticeSink(nullptr);
  lease_ = pool::Lease();
  pool_.reset();
}

void Warehouse::GiveBackOf(std::int64_t connection_id, const NoticeSink& notices) {
  if (!lease_ || connection_id != this->connection_id()) return;
  const bool stained = lease_->stain() != session::Stain::kNone;
  GiveBack();
  if (stained) {
    Tell(notices, "NOTICE",
         fmt::format("the session on connection {} was given back", base::QuoteIdentifier(connection_->name)),
         "Its temporary tables, settings and prepared statements are gone.");
  }
}

Status Warehouse::MakeRoom(const catalog::Connection& connection) {
  if (!lease_ || connection.id != connection_id()) return {};
  const auto state = lease_->state();
  if (!InTransaction(state) && lease_->stain() == session::Stain::kNone) {
    GiveBack();
    return {};
  }
  if (connection.max_concurrent_connections.value_or(bind::kSessionsDefault) > 1) return {};
  return Error{.code = ErrorCode::kResourceExhausted,
               .message = fmt::format(
                   "the only session of connection {} (MAX_CONCURRENT_CONNECTIONS = 1) is in use by this conversation, "
                   "which {}",
                   base::QuoteIdentifier(connection.name),
                   InTransaction(state) ? "has a transaction open in it" : "has settings or temporary tables in it"),
               .hint = InTransaction(state) ? "COMMIT or ROLLBACK first."
                                            : "USE CONNECTION another one first, or do it from another conversation."};
}

Status Warehouse::Refresh(Deadline deadline) {
  BERTH_ASSIGN(const auto version, shared_.store.DataVersion());
  if (version == read_at_) return {};
  BERTH_ASSIGN(const auto transaction, shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, deadline)));
  BERTH_ASSIGN(auto found, transaction->FindConnectionById(connection_->id));
  // What is under way in it finishes: the pool closes the session once it is given back.
  if (!found && lease_ && InTransaction(lease_->state())) return {};
  if (!found) {
    const auto name = connection_name();
    GiveBack();
    connection_.reset();
    return Error{.code = ErrorCode::kNotFound,
                 .message = fmt::format("connection {} was dropped while it was in use", base::QuoteIdentifier(name)),
                 .hint = "USE CONNECTION another one; SHOW CONNECTIONS lists them."};
  }
  connection_ = *std::move(found);
  read_at_ = version;
  return {};
}

// A session that broke, or whose login is no longer what the catalog says, is not used again.
Status Warehouse::DropStaleLease(const NoticeSink& notices) {
  if (!lease_) return {};
  const auto state = lease_->state();
  if (state == session::SessionState::kBroken || (state == session::SessionState::kIdle && !lease_->LooksAlive())) {
    const bool stained = lease_->stain() != session::Stain::kNone;
    lease_.Discard();
    GiveBack();
    Tell(notices, "WARNING",
         fmt::format("the session on connection {} was lost; this is a new one",
                     base::QuoteIdentifier(connection_->name)),
         stained ? "Temporary tables, settings and prepared statements of the old one are gone." : "");
    return {};
  }
  const bool stained = lease_->stain() != session::Stain::kNone;
  const bool paused = IsPaused(shared_, *connection_);
  if (paused && !stained && !InTransaction(state)) {  // what is under way here goes on; anything new waits
    GiveBack();
    return {};
  }
  if (lease_login_version_ == connection_->login_version || InTransaction(state) || (stained && !altered_here_))
    return {};
  GiveBack();
  if (stained) {
    Tell(notices, "NOTICE",
         fmt::format("connection {} was altered; this is a new session", base::QuoteIdentifier(connection_->name)),
         "Temporary tables, settings and prepared statements of the old one are gone.");
  }
  return {};
}

Result<session::Session*> Warehouse::Session(Deadline deadline, const NoticeSink& notices) {
  if (!connection_) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "no connection is in use, and this is not a statement of Berth's own",
                 .hint = "USE CONNECTION name first (-C name on the command line); SHOW CONNECTIONS lists them.",
                 .sqlstate = "08003"};
  }
  if (lost_transaction_) {
    return Error{.code = ErrorCode::kFailedTransaction,
                 .message = "the transaction was lost with its session: statements are refused until it ends",
                 .hint = "ROLLBACK ends it; nothing of it was committed, unless the COMMIT itself was in doubt."};
  }
  BERTH_TRY(Refresh(deadline));
  BERTH_TRY(DropStaleLease(notices));
  altered_here_ = false;
  if (!lease_) {
    pool_ = shared_.pools.Get(PoolOptionsOf(shared_, *connection_));
    BERTH_ASSIGN(lease_, AcquireFrom(*pool_, *connection_, deadline));
    lease_login_version_ = connection_->login_version;
  }
  lease_->SetNoticeSink(notices);
  last_backslash_escapes_ = lease_->backslash_escapes();
  return &*lease_;
}

Result<pool::Lease> Warehouse::LeaseOn(const catalog::Connection& connection, Deadline deadline) {
  const auto pool = shared_.pools.Get(PoolOptionsOf(shared_, connection));
  return AcquireFrom(*pool, connection, deadline);
}

Result<pool::Lease> Warehouse::AcquireFrom(pool::Pool& pool, const catalog::Connection& connection, Deadline deadline) {
  shared_.news.Begin();
  BERTH_TRY(shared_.passwords.AskIfNeeded(connection));
  for (int attempt = 1;; ++attempt) {
    auto lease = pool.Acquire({.deadline = deadline,
                               .cancellation = cancel_.waiting(),
                               .label = served_.empty() ? std::string_view(shared_.options.program) : served_,
                               .waiting = waiting_ ? &waiting_ : nullptr});
    if (!lease.ok()) {
      if (lease.error().code == ErrorCode::kUnauthenticated) shared_.passwords.Forget(connection.id);
      return lease;
    }
    auto introduced = Introduce(*lease.value(), connection, deadline);
    if (introduced.ok()) return lease;
    lease.value().Discard();  // it cannot be cleaned of who had it before
    if (attempt == kIntroducesMax) return std::move(introduced).TakeError();
  }
}

// No session shows one user what another left in it.
Status Warehouse::Introduce(session::Session& session, const catalog::Connection& connection, Deadline deadline) const {
  std::string name;
  if (!served_.empty()) {
    BERTH_ASSIGN(name, ServedApplicationName(connection, served_));
  }
  return session.ServeUser(served_, name, Deadline::After(shared_.clock, kIntroduceMax).Sooner(deadline));
}

StatementLimit Warehouse::LimitOf(Deadline deadline) const {
  return connection_ ? StatementLimit::Of(*connection_, shared_.clock, deadline) : StatementLimit{.deadline = deadline};
}

TransactionState Warehouse::transaction() const {
  if (lost_transaction_) return TransactionState::kFailedWarehouse;
  if (!lease_) return TransactionState::kNone;
  switch (lease_->state()) {
    case session::SessionState::kInTransaction:
      return TransactionState::kWarehouse;
    case session::SessionState::kFailedTransaction:
      return TransactionState::kFailedWarehouse;
    default:
      return TransactionState::kNone;
  }
}

bool Warehouse::EndLostTransaction() {
  return std::exchange(lost_transaction_, false);
}

bool Warehouse::backslash_escapes() const {
  return lease_ ? lease_->backslash_escapes() : last_backslash_escapes_;
}

bool Warehouse::session_usable() const {
  if (!lease_ || lost_transaction_) return false;
  const auto state = lease_->state();
  return InTransaction(state) || (state == session::SessionState::kIdle && lease_->LooksAlive());
}

std::optional<SessionFacts> Warehouse::Facts() const {
  if (!lease_ || !connection_) return std::nullopt;
  const auto& server = lease_->server();
  return SessionFacts{.connection = connection_->name,
                      .host = connection_->host,
                      .database = connection_->database,
                      .user = connection_->user_name,
                      .server_version = server.version_text,
                      .port = connection_->port,
                      .backend_pid = server.backend_pid,
                      .tls = server.tls,
                      .redshift = server.redshift};
}

void Warehouse::Label(std::string_view text) {
  if (!lease_ || connection_->tuning.leak_warning_after.value_or(TuningTime(0)).count() == 0) return;
  lease_.SetLabel(parser::Redact(text).text);
}

void Warehouse::StatementStarts() {
  in_transaction_ = lease_ && InTransaction(lease_->state());
}

void Warehouse::StatementEnded() {
  last_used_ = shared_.clock.Now();
  if (lease_ && lease_->state() == session::SessionState::kBroken) {
    if (in_transaction_) lost_transaction_ = true;
  }
}

void Warehouse::ForgetIfDropped() {
  if (!connection_) return;
  const auto status = Refresh(Deadline::Never());
  static_cast<void>(status);  // dropped: no longer in use; any other error shows at the next statement
}

void Warehouse::YieldIfQuiet(Clock::Steady now) {
  if (!lease_ || lease_->state() != session::SessionState::kIdle) return;
  if (shared_.pools.Find(connection_id()) != pool_) return GiveBack();  // the connection was dropped
  if (lease_->stain() != session::Stain::kNone) return;
  const auto facts = pool_->Facts();
  if (facts.paused) return GiveBack();
  if (now - last_used_ >= kQuietYield && (facts.stats.waiting > 0 || facts.pressed)) GiveBack();
}

}  // namespace berth::engine
