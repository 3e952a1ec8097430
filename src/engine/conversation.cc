#include "engine/conversation.h"

#include <fmt/core.h>

#include <utility>
#include <variant>

#include "base/fork_guard.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/catalog_statements.h"
#include "engine/known_connections.h"
#include "engine/load_errors.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "engine/served.h"
#include "engine/session_rows.h"
#include "engine/settings.h"
#include "parser/parse.h"
#include "parser/scan.h"
#include "pool/pool_texts.h"

namespace berth::engine {
namespace {

Error NotOfTheCatalog() {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = "this is no statement of Berth's own, and the catalog answers no other",
               .hint = "SHOW CONNECTIONS, or SELECT .. FROM system.information_schema.connections."};
}

Error StillOpen() {
  return Error{.code = ErrorCode::kFailedPrecondition,
               .message = "the rows of the statement before are still open",
               .hint = "Read them to their end or destroy them first: a conversation runs one statement at a time."};
}

// BEGIN over the catalog knows no modes; what is not obeyed is refused.
Status CheckPlainTransactionWord(std::string_view text) {
  parser::Scanner scanner(text, false);
  for (auto token = scanner.Next(); token.kind != parser::TokenKind::kEnd; token = scanner.Next()) {
    bool known = token.IsSymbol(';');
    for (const auto word : {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "WORK", "TRANSACTION"})
      known = known || token.IsWord(word);
    if (known) continue;
    return Error{
        .code = ErrorCode::kNotSupported,
        .message = fmt::format("a transaction over the catalog has no modes: {} is not understood", token.text),
        .hint =
            "Write BEGIN, COMMIT or ROLLBACK alone. With a connection in use they are the warehouse's and go there as "
            "they stand.",
        .span = SourceSpan{.offset = static_cast<std::uint32_t>(token.offset),
                           .length = static_cast<std::uint32_t>(token.text.size())}};
  }
  return {};
}

}  // namespace

// What each kind of statement needs: one overload for those that are not the catalog's alone.
struct Dispatch {
  ConversationImpl& conversation;
  Deadline deadline;

  Result<Outcome> operator()(const parser::Use& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return conversation.UseConnection(statement, deadline);
  }
  Result<Outcome> operator()(const parser::ExecuteOnConnection& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return conversation.ExecuteOn(statement, deadline);
  }
  Result<Outcome> operator()(const parser::TestConnection& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return conversation.Test(statement, deadline);
  }
  Result<Outcome> operator()(const parser::PauseConnection& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return conversation.Pause(statement, deadline);
  }
  Result<Outcome> operator()(const parser::DropConnection& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return conversation.Drop(statement, deadline);
  }
  Result<Outcome> operator()(const parser::ShowSessions& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return conversation.ShowSessions(statement, deadline);
  }
  Result<Outcome> operator()(const parser::RunJob& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return conversation.RunNow(statement, deadline);
  }
  Result<Outcome> operator()(const parser::RotatePassword& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return conversation.Rotate(statement, deadline);
  }
  Result<Outcome> operator()(const parser::CreateConnection& statement) const BERTH_REQUIRES(conversation.mutex_) {
    const auto run = [&](CatalogScope& scope) { return Run(statement, scope); };
    if (!statement.validate) return conversation.InCatalog(catalog::Access::kWrite, deadline, run);
    return conversation.Validating(statement.name.name, statement.name.name, deadline, run);
  }
  Result<Outcome> operator()(const parser::AlterConnection& statement) const BERTH_REQUIRES(conversation.mutex_) {
    if (!statement.validate) return conversation.Alter(statement, deadline);
    const auto run = [&](CatalogScope& scope) { return Run(statement, scope); };
    const auto* rename = std::get_if<parser::AlterConnectionRename>(&statement.change);
    const auto& name = rename != nullptr ? rename->new_name.name : statement.name.name;
    return conversation.Validating(statement.name.name, name, deadline, run);
  }
  Result<Outcome> operator()(const parser::Explain& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return conversation.Explain(statement, deadline);
  }
  Result<Outcome> operator()(const parser::SetSetting& statement) const BERTH_REQUIRES(conversation.mutex_) {
    BERTH_TRY(Set(statement, conversation.settings_));
    return Command("SET");
  }
  Result<Outcome> operator()(const parser::ShowSetting& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return Show(statement, conversation.settings_);
  }
  Result<Outcome> operator()(const parser::CreateTable& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return OnTable(statement);
  }
  Result<Outcome> operator()(const parser::DropTable& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return OnTable(statement);
  }
  Result<Outcome> operator()(const parser::AttachTable& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return OnTable(statement);
  }
  Result<Outcome> operator()(const parser::ShowDependents& statement) const BERTH_REQUIRES(conversation.mutex_) {
    if (statement.verify) return OnTable(statement);
    return conversation.InCatalog(catalog::Access::kRead, deadline,
                                  [&](CatalogScope& scope) { return Run(statement, scope); });
  }

  template <class T>
  Result<Outcome> operator()(const T& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return conversation.InCatalog(kReads<T> ? catalog::Access::kRead : catalog::Access::kWrite, deadline,
                                  [&](CatalogScope& scope) { return Run(statement, scope); });
  }

 private:
  template <class T>
  Result<Outcome> OnTable(const T& statement) const BERTH_REQUIRES(conversation.mutex_) {
    return conversation.OnTable(deadline, [&](TableScope& scope) { return Run(statement, scope); });
  }
};

ConversationImpl::ConversationImpl(const Shared& shared, Watch& watch)
    : shared_(shared), watch_(watch), warehouse_(shared, cancel_) {
  const base::MutexLock lock(mutex_);
  settings_.catalog_transaction_timeout = shared.options.catalog_transaction_max;
}

ConversationImpl::~ConversationImpl() {
  watch_.Remove(this);
}

Result<Outcome> ConversationImpl::Execute(std::string_view text, Parameters parameters, Deadline deadline) {
  return Start(Reading::kDecide, text, parameters, deadline);
}

Result<Outcome> ConversationImpl::Pass(std::string_view text, Parameters parameters, Deadline deadline) {
  return Start(Reading::kServers, text, parameters, deadline);
}

Result<SessionFacts> ConversationImpl::Connect(Deadline deadline) {
  if (base::ForkEpoch() != epoch_) return pool::ForkedError();
  const base::MutexLock lock(mutex_);
  if (rows_open_) return StillOpen();
  cancel_.Enter();
  const auto session = warehouse_.Session(deadline, notices_);
  cancel_.Leave();
  if (!session.ok()) return session.error();
  warehouse_.StatementEnded();
  watch_.Add(this);
  return *warehouse_.Facts();
}

Result<Outcome> ConversationImpl::Start(Reading reading, std::string_view text, Parameters parameters,
                                        Deadline deadline) {
  if (base::ForkEpoch() != epoch_) return pool::ForkedError();
  const base::MutexLock lock(mutex_);
  if (rows_open_) return StillOpen();
  cancel_.Enter();
  warehouse_.StatementStarts();
  auto outcome = Decide(reading, text, parameters, deadline);
  // All or nothing: also what is refused, such as a misspelt statement that looks like the server's, ends it.
  if (!outcome.ok() && work_.state() == CatalogWork::State::kOpen) work_.Fail();
  if (!rows_open_) {
    warehouse_.StatementEnded();
    cancel_.Leave();
  }
  if (!outcome.ok() && outcome.error().code == ErrorCode::kSessionLost && warehouse_.transaction_lost()) {
    Error error = std::move(outcome).TakeError();
    error.detail += fmt::format(
        "{}The transaction that was open in it is lost, and its temporary tables, settings and prepared statements.",
        error.detail.empty() ? "" : "\n");
    error.hint = "ROLLBACK ends the transaction; the next statement then opens a new session.";
    outcome = std::move(error);
  }
  if (warehouse_.session_open() || work_.state() == CatalogWork::State::kOpen) watch_.Add(this);
  return outcome;
}

void ConversationImpl::RowsEnded() {
  const base::MutexLock lock(mutex_);
  rows_open_ = false;
  warehouse_.StatementEnded();
  cancel_.Leave();
}

Result<Outcome> ConversationImpl::Decide(Reading reading, std::string_view text, Parameters parameters,
                                         Deadline deadline) {
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("the statement holds a NUL byte, at byte {}", nul + 1),
                 .hint = "No server takes one; is the text UTF-16?",
                 .sqlstate = "22021",
                 .span = SourceSpan{.offset = static_cast<std::uint32_t>(nul), .length = 1}};
  }
  const auto classified = parser::Classify(text, warehouse_.backslash_escapes());
  if (classified.owner == parser::Owner::kEmpty) return Command("");
  const bool servers = reading == Reading::kServers;
  if (classified.transaction != parser::TransactionWord::kNone && !warehouse_.in_use() && !servers) {
    return RunTransactionWord(classified.transaction, text, deadline);
  }
  if (classified.transaction != parser::TransactionWord::kNone &&
      classified.transaction != parser::TransactionWord::kBegin && warehouse_.EndLostTransaction()) {
    Tell(notices_, "WARNING", "the transaction was lost with its session; there is nothing to commit or roll back");
    return Command("ROLLBACK");
  }
  if (servers) return PassThrough(text, parameters, deadline);
  if (classified.owner == parser::Owner::kSystem) return Select(text, parameters, deadline);
  if (classified.owner == parser::Owner::kOurs) return RunOurs(text, parameters, deadline);
  if (served_ && !warehouse_.in_use() && classified.owner == parser::Owner::kServer) return NotOfTheCatalog();
  if (classified.owner == parser::Owner::kServer) return PassThrough(text, parameters, deadline);

  BERTH_ASSIGN(const bool ours, IsConnection(classified.first_name, deadline));
  if (ours || !warehouse_.in_use()) return RunOurs(text, parameters, deadline);
  auto outcome = PassThrough(text, parameters, deadline);
  if (outcome.ok()) return outcome;
  Error error = std::move(outcome).TakeError();
  error.hint += fmt::format("{}No connection is named {}: the text went to the server as it stands.",
                            error.hint.empty() ? "" : "\n", base::QuoteIdentifier(classified.first_name));
  return error;
}

Result<Outcome> ConversationImpl::RunOurs(std::string_view text, Parameters parameters, Deadline deadline) {
  if (!parameters.empty()) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("{} parameters were given to a statement of Berth's own, which takes none",
                                        parameters.size())};
  }
  auto parsed = parser::Parse(text);
  if (!parsed.ok()) return std::move(parsed).TakeError();
  BERTH_TRY(CheckServed(parsed.value(), deadline));
  description_ = parser::Print(parsed.value(), parser::PrintMode::kRedacted);
  return std::visit(Dispatch{*this, deadline}, parsed.value());
}

Result<Outcome> ConversationImpl::RunTransactionWord(parser::TransactionWord word, std::string_view text,
                                                     Deadline deadline) {
  static_cast<void>(deadline);
  BERTH_TRY(CheckPlainTransactionWord(text));
  const bool open = work_.state() != CatalogWork::State::kNone;
  if (word == parser::TransactionWord::kBegin) {
    if (open) {
      Tell(notices_, "WARNING", "there is already a transaction in progress");
    } else {
      work_.Begin(settings_.catalog_transaction_timeout);
    }
    return Command("BEGIN");
  }
  if (!open) {
    Tell(notices_, "WARNING", "there is no transaction in progress");
    return Command(word == parser::TransactionWord::kCommit ? "COMMIT" : "ROLLBACK");
  }
  if (word == parser::TransactionWord::kRollback) {
    work_.Rollback();
    return Command("ROLLBACK");
  }
  work_.RollBackIfExpired(shared_.clock.Now());
  BERTH_ASSIGN(const bool committed, work_.Commit());
  if (!committed) Tell(notices_, "WARNING", "the catalog transaction had failed: it was rolled back");
  return Command(committed ? "COMMIT" : "ROLLBACK");
}

Result<Outcome> ConversationImpl::PassThrough(std::string_view text, Parameters parameters, Deadline deadline) {
  if (work_.state() != CatalogWork::State::kNone) {
    return Error{.code = ErrorCode::kActiveTransaction,
                 .message = "a transaction over the catalog is open: only statements of Berth's own may run in it",
                 .hint = "COMMIT or ROLLBACK it first; no commit can span the catalog and a warehouse."};
  }
  BERTH_ASSIGN(auto* const session, warehouse_.Session(deadline, notices_));
  warehouse_.Label(text);
  return SendTo(*session, pool::Lease(), text, parameters, warehouse_.LimitOf(deadline));
}

Result<Outcome> ConversationImpl::SendTo(session::Session& session, pool::Lease lease, std::string_view text,
                                         Parameters parameters, StatementLimit limit) {
  BERTH_TRY(cancel_.Running(&session));
  session.SetClientData(client_data_);
  auto rows = session.Execute(text, parameters, limit.deadline);
  if (!rows.ok()) {
    Error error = WithLoadErrors(std::move(rows).TakeError(), session, shared_.clock, limit.deadline);
    cancel_.Leave();  // before the lease goes back
    return limit.Explain(std::move(error), shared_.clock);
  }
  rows_open_ = true;
  return Outcome(std::make_unique<SessionRows>(std::move(rows).value(), std::move(lease), session, *this, shared_.clock,
                                               std::move(limit)));
}

Status ConversationImpl::RefuseInTransaction(std::string_view what) const {
  const auto state = warehouse_.transaction();
  if (state == TransactionState::kNone) return {};
  return Error{.code = ErrorCode::kActiveTransaction,
               .message = fmt::format(
                   "{} cannot run inside a transaction of connection {}: no commit spans the catalog and a warehouse, "
                   "so it could not be undone with it",
                   what, base::QuoteIdentifier(warehouse_.connection_name())),
               .hint = "COMMIT or ROLLBACK first."};
}

Result<Outcome> ConversationImpl::InCatalog(catalog::Access access, Deadline deadline,
                                            const std::function<Result<Outcome>(CatalogScope&)>& run) {
  // Who is served and only reads takes no write lock for it.
  const bool apart =
      served_ && access == catalog::Access::kRead && work_.state() == CatalogWork::State::kOpen && !work_.begun();
  if (work_.state() != CatalogWork::State::kNone && !apart) {
    BERTH_ASSIGN(auto* const transaction, work_.Use(shared_, deadline));
    transaction->Describe(description_, ServedName());
    CatalogScope scope{shared_, *transaction, settings_, notices_, work_.after_commit()};
    return RunServed(access, scope, run);
  }
  if (access == catalog::Access::kWrite) BERTH_TRY(RefuseInTransaction("a change of the catalog"));
  BERTH_ASSIGN(const auto transaction, shared_.store.Begin(access, CatalogDeadline(shared_, deadline)));
  transaction->Describe(description_, ServedName());
  std::vector<std::function<void()>> after_commit;
  CatalogScope scope{shared_, *transaction, settings_, notices_, after_commit};
  BERTH_ASSIGN(auto outcome, RunServed(access, scope, run));
  if (access == catalog::Access::kRead) return outcome;
  BERTH_TRY(transaction->Commit());
  warehouse_.AlteredHere();
  for (const auto& effect : after_commit) effect();
  warehouse_.ForgetIfDropped();
  return outcome;
}

Result<bool> ConversationImpl::IsConnection(const std::string& name, Deadline deadline) {
  if (work_.state() == CatalogWork::State::kOpen) {
    BERTH_ASSIGN(auto* const transaction, work_.Use(shared_, deadline));
    BERTH_ASSIGN(const auto found, transaction->FindConnection(name));
    return found.has_value();
  }
  BERTH_ASSIGN(const auto transaction, shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, deadline)));
  BERTH_ASSIGN(const auto found, transaction->FindConnection(name));
  return found.has_value();
}

Result<Outcome> ConversationImpl::UseConnection(const parser::Use& statement, Deadline deadline) {
  BERTH_TRY(RefuseInTransaction("USE"));
  if (work_.state() != CatalogWork::State::kNone) {
    return Error{
        .code = ErrorCode::kActiveTransaction,
        .message = "USE cannot run inside a transaction over the catalog: what follows would be the warehouse's",
        .hint = "COMMIT or ROLLBACK it first.",
        .span = statement.name.span};
  }
  BERTH_ASSIGN(const auto transaction, shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, deadline)));
  BERTH_ASSIGN(auto connection, RequireConnection(*transaction, statement.name));
  warehouse_.Use(std::move(connection));
  return Command("USE");
}

Result<Outcome> ConversationImpl::ExecuteOn(const parser::ExecuteOnConnection& statement, Deadline deadline) {
  const bool own = warehouse_.in_use() && statement.connection.name == warehouse_.connection_name();
  Result<Outcome> outcome = [&]() BERTH_REQUIRES(mutex_) -> Result<Outcome> {
    if (own) return PassThrough(statement.text, {}, deadline);
    if (work_.state() != CatalogWork::State::kNone) return PassThrough(statement.text, {}, deadline);  // refuses it
    BERTH_ASSIGN(const auto transaction,
                 shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, deadline)));
    BERTH_ASSIGN(const auto connection, RequireConnection(*transaction, statement.connection));
    BERTH_ASSIGN(auto lease, warehouse_.LeaseOn(connection, deadline));
    lease->SetNoticeSink(notices_);
    auto& session = *lease;
    return SendTo(session, std::move(lease), statement.text, {},
                  StatementLimit::Of(connection, shared_.clock, deadline));
  }();
  if (!outcome.ok()) return RowsWithin::Shifted(std::move(outcome).TakeError(), statement.text_span.offset);
  return Outcome(std::make_unique<RowsWithin>(std::move(outcome).value(), statement.text_span.offset));
}

Result<Outcome> ConversationImpl::OnTable(Deadline deadline, const std::function<Result<Outcome>(TableScope&)>& run) {
  BERTH_TRY(RefuseInTransaction("a statement on a recorded table"));
  if (work_.state() != CatalogWork::State::kNone) {
    return Error{.code = ErrorCode::kActiveTransaction,
                 .message =
                     "a statement on a recorded table touches the warehouse and cannot run inside a transaction over "
                     "the catalog",
                 .hint = "COMMIT or ROLLBACK it first."};
  }
  pool::Lease other;  // of a connection that is not in use
  StatementLimit limit;
  TableScope scope{shared_, settings_, notices_, deadline, warehouse_.backslash_escapes(), {}, description_};
  scope.session_on = [&](const catalog::Connection& connection) BERTH_REQUIRES(mutex_) -> Result<session::Session*> {
    session::Session* session = nullptr;
    if (connection.id == warehouse_.connection_id()) {
      BERTH_ASSIGN(session, warehouse_.Session(deadline, notices_));
    } else {
      BERTH_ASSIGN(other, warehouse_.LeaseOn(connection, deadline));
      session = &*other;
      session->SetNoticeSink(notices_);
    }
    BERTH_TRY(cancel_.Running(session));
    limit = StatementLimit::Of(connection, shared_.clock, deadline);
    scope.deadline = limit.deadline;
    return session;
  };
  auto outcome = run(scope);
  cancel_.Leave();
  if (!outcome.ok()) return limit.Explain(std::move(outcome).TakeError(), shared_.clock);
  return outcome;
}

Status ConversationImpl::Use(std::string_view connection) {
  const base::MutexLock lock(mutex_);
  if (rows_open_) return StillOpen();
  if (!warehouse_.in_use() && work_.state() == CatalogWork::State::kNone) {
    BERTH_ASSIGN(const auto known, shared_.known.Find(connection, CatalogDeadline(shared_, Deadline::Never())));
    if (known.is != nullptr) {
      warehouse_.Use(*known.is, known.version);
      return {};
    }
  }
  parser::Use statement;
  statement.connection_keyword = true;
  statement.name.name = std::string(connection);
  BERTH_ASSIGN(const bool exact, IsConnection(statement.name.name, Deadline::Never()));
  if (!exact) statement.name.name = base::ToLower(connection);  // a bare name, as SQL folds it
  BERTH_ASSIGN(const auto outcome, UseConnection(statement, Deadline::Never()));
  static_cast<void>(outcome);
  return {};
}

ConversationState ConversationImpl::state() const {
  const base::MutexLock lock(mutex_);
  ConversationState state{.connection = warehouse_.connection_name(),
                          .transaction = warehouse_.transaction(),
                          .backslash_escapes = warehouse_.backslash_escapes(),
                          .session_open = warehouse_.session_open(),
                          .session_usable = !rows_open_ && warehouse_.session_usable()};
  if (work_.state() == CatalogWork::State::kOpen) state.transaction = TransactionState::kCatalog;
  if (work_.state() == CatalogWork::State::kFailed) state.transaction = TransactionState::kFailedCatalog;
  return state;
}

std::optional<SessionFacts> ConversationImpl::session() const {
  const base::MutexLock lock(mutex_);
  return warehouse_.Facts();
}

void ConversationImpl::SetWaitingSink(WaitingSink sink) {
  const base::MutexLock lock(mutex_);
  warehouse_.SetWaitingSink(std::move(sink));
}

void ConversationImpl::SetStepSink(StepSink sink) {
  const base::MutexLock lock(mutex_);
  steps_ = std::move(sink);
}

void ConversationImpl::SetClientData(ClientData data) {
  const base::MutexLock lock(mutex_);
  client_data_ = std::move(data);
}

void ConversationImpl::SetNoticeSink(NoticeSink sink) {
  const base::MutexLock lock(mutex_);
  notices_ = std::move(sink);
}

void ConversationImpl::Look(Clock::Steady now) {
  if (!mutex_.try_lock()) return;  // a statement runs: it looks for itself
  if (!rows_open_) {
    work_.RollBackIfExpired(now);
    warehouse_.YieldIfQuiet(now);
  }
  mutex_.unlock();
}

}  // namespace berth::engine
