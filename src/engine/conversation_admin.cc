#include <fmt/core.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "engine/catalog_statements.h"
#include "engine/connection_state.h"
#include "engine/conversation.h"
#include "engine/explain.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "engine/quiet.h"
#include "engine/rotate_password.h"
#include "engine/same_login.h"
#include "engine/served.h"
#include "engine/server_columns.h"
#include "engine/server_sessions.h"
#include "engine/system_tables.h"
#include "engine/test_connection.h"
#include "engine/validate.h"

// The statements on a connection as a whole, which need its sessions or wait for them. Nobody waits for himself: what
// this conversation holds of the connection goes back first.
namespace berth::engine {
namespace {

void TellLacking(const NoticeSink& notices, const std::string& connection, const std::string& database,
                 const std::vector<std::string>& missing) {
  if (missing.empty()) return;
  std::string names;
  for (const auto& table : missing) names += (names.empty() ? "" : "\n") + table;
  Tell(notices, "WARNING",
       fmt::format("database {} lacks {} of the tables that are recorded on connection {}",
                   base::QuoteIdentifier(database), missing.size(), base::QuoteIdentifier(connection)),
       names, "CREATE TABLE makes one; DETACH TABLE forgets its record.");
}

}  // namespace

Status ConversationImpl::RefuseInCatalogWork(std::string_view what) const {
  if (work_.state() == CatalogWork::State::kNone) return {};
  return Error{.code = ErrorCode::kActiveTransaction,
               .message = fmt::format("{} and cannot run inside a transaction over the catalog", what),
               .hint = "COMMIT or ROLLBACK it first."};
}

Result<catalog::Connection> ConversationImpl::Read(const parser::Identifier& name, Deadline deadline) {
  BERTH_ASSIGN(const auto transaction, shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, deadline)));
  return RequireConnection(*transaction, name);
}

// It needs the write lock, because it writes what it undoes, and commits nothing.
Result<Outcome> ConversationImpl::Explain(const parser::Explain& statement, Deadline deadline) {
  const auto here = RefuseHere(statement.statement);
  const auto run = [&](CatalogScope& scope) { return RunExplain(statement, scope, here); };
  if (work_.state() != CatalogWork::State::kNone) return InCatalog(catalog::Access::kWrite, deadline, run);
  BERTH_ASSIGN(const auto transaction,
               shared_.store.Begin(catalog::Access::kWrite, CatalogDeadline(shared_, deadline)));
  std::vector<std::function<void()>> never;
  CatalogScope scope{shared_, *transaction, settings_, notices_, never};
  return RunServed(catalog::Access::kWrite, scope, run);
}

// Why the statement itself would be refused where this conversation stands.
Status ConversationImpl::RefuseHere(const parser::Explained& statement) const {
  BERTH_TRY(RefuseInTransaction("a change of the catalog"));
  return ActsOutsideCatalog(statement) ? RefuseInCatalogWork("it acts outside the catalog as well") : Status();
}

Result<Outcome> ConversationImpl::Test(const parser::TestConnection& statement, Deadline deadline) {
  BERTH_TRY(RefuseInCatalogWork("TEST CONNECTION logs in"));
  BERTH_ASSIGN(const auto connection, Read(statement.name, deadline));
  BERTH_TRY(warehouse_.MakeRoom(connection));
  TestScope scope{shared_, deadline, cancel_, [&](const catalog::Connection& tested) BERTH_REQUIRES(mutex_) {
                    return warehouse_.LeaseOn(tested, deadline);
                  }};
  return TestConnection(connection, scope);
}

Result<Outcome> ConversationImpl::Rotate(const parser::RotatePassword& statement, Deadline deadline) {
  BERTH_TRY(RefuseInTransaction("ROTATE PASSWORD"));
  BERTH_TRY(RefuseInCatalogWork("ROTATE PASSWORD logs in"));
  BERTH_ASSIGN(const auto connection, Read(statement.name, deadline));
  BERTH_TRY(warehouse_.MakeRoom(connection));
  RotateScope scope{{shared_, deadline, cancel_,
                     [&](const catalog::Connection& rotated)
                         BERTH_REQUIRES(mutex_) { return warehouse_.LeaseOn(rotated, deadline); }},
                    notices_,
                    description_};
  auto outcome = RotatePassword(statement, scope);
  warehouse_.AlteredHere();
  return outcome;
}

Result<Outcome> ConversationImpl::Validating(const std::string& before, const std::string& name, Deadline deadline,
                                             const std::function<Result<Outcome>(CatalogScope&)>& run) {
  BERTH_TRY(RefuseInTransaction("a change of the catalog"));
  BERTH_TRY(RefuseInCatalogWork("WITH (VALIDATE = TRUE) logs in"));
  if (const auto found = Read({.name = before}, deadline); found.ok()) BERTH_TRY(warehouse_.MakeRoom(found.value()));
  const NoticeSink silent;
  const auto rehearse = [&](catalog::Transaction& transaction) BERTH_REQUIRES(mutex_) -> Status {
    std::vector<std::function<void()>> never;
    CatalogScope scope{shared_, transaction, settings_, silent, never};
    auto outcome = run(scope);
    if (!outcome.ok()) return std::move(outcome).TakeError();
    return {};
  };
  const auto make_room = [&](const catalog::Connection& connection) BERTH_REQUIRES(mutex_) {
    auto lease = warehouse_.LeaseOn(connection, deadline);
    if (lease.ok()) lease.value().Discard();
  };
  BERTH_ASSIGN(const auto validated, Validate({shared_, deadline, cancel_, make_room, name, before}, rehearse));
  BERTH_ASSIGN(auto outcome, InCatalog(catalog::Access::kWrite, deadline, [&](CatalogScope& scope) -> Result<Outcome> {
                 BERTH_ASSIGN(const auto now, scope.transaction.FindConnection(before));
                 const auto version = now ? std::optional(now->version) : std::nullopt;
                 if (version == validated.version) return run(scope);
                 return Error{.code = ErrorCode::kFailedPrecondition,
                              .message = fmt::format("connection {} was changed while its login was tried",
                                                     base::QuoteIdentifier(before)),
                              .hint = "Run the statement again."};
               }));
  TellLacking(notices_, name, validated.database, validated.missing_tables);
  return outcome;
}

Result<Outcome> ConversationImpl::Alter(const parser::AlterConnection& statement, Deadline deadline) {
  Altered altered;
  const auto run = [&](CatalogScope& scope) -> Result<Outcome> {
    BERTH_ASSIGN(altered, AlterAndLook(statement, scope));
    return std::move(altered.outcome);
  };
  BERTH_ASSIGN(auto outcome, InCatalog(catalog::Access::kWrite, deadline, run));
  if (!altered.tables.empty()) TellMissing(altered.is, altered.tables, deadline);
  return outcome;
}

// It is changed already: what goes wrong here is told, and is no error.
void ConversationImpl::TellMissing(const catalog::Connection& connection,
                                   const std::vector<catalog::DependentTable>& tables, Deadline deadline) {
  const auto bound = Deadline::After(shared_.clock, kMissingTablesWait).Sooner(deadline);
  const auto look = [&]() BERTH_REQUIRES(mutex_) -> Result<std::vector<std::string>> {
    if (served_) {
      return Error{.code = ErrorCode::kPermissionDenied, .message = "through the service nothing logs in for that"};
    }
    BERTH_TRY(RefuseInCatalogWork("a look for its tables logs in"));
    if (IsPaused(shared_, connection)) {
      return Error{.code = ErrorCode::kFailedPrecondition, .message = "the connection is paused: nothing logs in"};
    }
    BERTH_TRY(warehouse_.MakeRoom(connection));
    const auto no_room = [](const catalog::Connection&) {};
    return MissingTables({shared_, bound, cancel_, no_room, connection.name, connection.name}, connection, tables);
  };
  const auto missing = look();
  if (missing.ok()) return TellLacking(notices_, connection.name, connection.database, missing.value());
  const auto name = base::QuoteIdentifier(connection.name);
  Tell(notices_, "WARNING",
       fmt::format("connection {} leads to another database: whether that has the {} recorded table{} is not known",
                   name, tables.size(), tables.size() == 1 ? "" : "s"),
       missing.error().message,
       fmt::format("SHOW DEPENDENTS OF CONNECTION {} VERIFY marks those that it lacks.", name));
}

Result<Outcome> ConversationImpl::Pause(const parser::PauseConnection& statement, Deadline deadline) {
  BERTH_TRY(RefuseInCatalogWork("PAUSE CONNECTION waits for sessions"));
  BERTH_ASSIGN(const auto connection, Read(statement.name, deadline));
  BERTH_ASSIGN(auto outcome, InCatalog(catalog::Access::kWrite, deadline,
                                       [&](CatalogScope& scope) { return Run(statement, scope); }));
  warehouse_.GiveBackOf(connection.id, notices_);
  auto waited = WaitUntilQuiet(shared_, connection.id, cancel_.waiting(),
                               Deadline::After(shared_.clock, kPauseWaitMax).Sooner(deadline));
  const auto name = base::QuoteIdentifier(connection.name);
  const auto hint = fmt::format(
      "PAUSE CONNECTION {0} waits for them again; SHOW SLOTS OF CONNECTION {0} lists them; RESUME CONNECTION {0} "
      "undoes "
      "it.",
      name);
  if (!waited.ok()) {
    Error error = std::move(waited).TakeError();
    error.message = fmt::format("connection {} is paused; the wait for its sessions was cancelled", name);
    error.hint = hint;
    return error;
  }
  const auto& left = waited.value();
  if (left.sessions == 0) return outcome;
  return Error{.code = ErrorCode::kDeadlineExceeded,
               .message = fmt::format("connection {} is paused, but {} of its sessions {} still in use", name,
                                      left.sessions, left.sessions == 1 ? "is" : "are"),
               .detail = left.longest.empty() ? "" : "longest: " + left.longest,
               .hint = hint};
}

Result<Outcome> ConversationImpl::Drop(const parser::DropConnection& statement, Deadline deadline) {
  const auto run = [&](CatalogScope& scope) { return Run(statement, scope); };
  if (work_.state() != CatalogWork::State::kNone) return InCatalog(catalog::Access::kWrite, deadline, run);
  std::int64_t id = 0;
  if (const auto found = Read(statement.name, deadline); found.ok()) id = found.value().id;
  BERTH_ASSIGN(auto outcome, InCatalog(catalog::Access::kWrite, deadline, run));
  if (id == 0) return outcome;
  const auto left =
      WaitUntilQuiet(shared_, id, cancel_.waiting(), Deadline::After(shared_.clock, kDropWaitMax).Sooner(deadline));
  if (left.ok() && left.value().sessions > 0) {
    Tell(notices_, "NOTICE",
         fmt::format("{} of its sessions {} still in use and {} closed when {} given back", left.value().sessions,
                     left.value().sessions == 1 ? "is" : "are", left.value().sessions == 1 ? "is" : "are",
                     left.value().sessions == 1 ? "it is" : "they are"),
         left.value().longest.empty() ? "" : "longest: " + left.value().longest);
  }
  return outcome;
}

Result<ConversationImpl::Seen> ConversationImpl::ReadSeen(Deadline deadline) {
  BERTH_ASSIGN(const auto transaction, shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, deadline)));
  std::vector<std::function<void()>> never;
  CatalogScope scope{shared_, *transaction, settings_, notices_, never};
  Seen seen;
  BERTH_ASSIGN(const auto done, RunServed(catalog::Access::kRead, scope, [&](CatalogScope& his) -> Result<Outcome> {
                 BERTH_ASSIGN(seen.connections, his.transaction.ListConnections());
                 seen.all = his.served == nullptr || his.served->reads_all;
                 return Command("");
               }));
  static_cast<void>(done);
  return seen;
}

Result<Outcome> ConversationImpl::ShowSessions(const parser::ShowSessions& statement, Deadline deadline) {
  BERTH_TRY(RefuseInCatalogWork("SHOW SESSIONS asks the server"));
  BERTH_ASSIGN(const auto connection, Read(statement.name, deadline));
  BERTH_ASSIGN(const auto seen, ReadSeen(deadline));
  BERTH_TRY(warehouse_.MakeRoom(connection));
  BERTH_ASSIGN(const auto lease, warehouse_.LeaseOn(connection, deadline));
  BERTH_TRY(cancel_.Running(&*lease));
  auto outcome =
      ShowServerSessions(connection, SameUser(seen.connections, connection), *lease, shared_, notices_, deadline);
  cancel_.Leave();
  return outcome;
}

// A paused connection would keep the listing of all others waiting.
bool ConversationImpl::RestsAndIsTold(const catalog::Connection& connection) const {
  const auto state = ConnectionState(shared_, connection);
  if (state == "open") return false;
  const auto name = base::QuoteIdentifier(connection.name);
  Tell(notices_, "NOTICE", fmt::format("connection {} is {}: its server was not asked", name, state), {},
       fmt::format("RESUME CONNECTION {} ends that.", name));
  return true;
}

// One server and user after the other, of the connections that this process uses and the caller may. Who may not see
// all connections is shown the sessions of his own: what else the server tells of is not for him.
Result<Listing> ConversationImpl::ListSessions(Deadline deadline) {
  BERTH_TRY(RefuseInCatalogWork("the table sessions asks the servers"));
  BERTH_ASSIGN(const auto seen, ReadSeen(deadline));
  Listing listing;
  std::set<std::int64_t> asked;
  for (const auto& connection : seen.connections) {
    if (asked.contains(connection.id) || shared_.pools.Find(connection.id) == nullptr) continue;
    if (RestsAndIsTold(connection)) continue;
    const auto same_user = SameUser(seen.connections, connection);
    for (const auto& other : same_user) asked.insert(other.id);
    BERTH_TRY(warehouse_.MakeRoom(connection));
    BERTH_ASSIGN(const auto lease, warehouse_.LeaseOn(connection, deadline));
    BERTH_TRY(cancel_.Running(&*lease));
    auto sessions = ListServerSessions(connection, same_user, *lease, shared_, deadline);
    cancel_.Leave();
    if (!sessions.ok()) return std::move(sessions).TakeError();
    auto& found = sessions.value().listing;
    listing.columns = found.columns;
    for (auto& row : found.rows) {
      if (seen.all || row[kSessionConnection]) listing.rows.push_back(std::move(row));
    }
  }
  if (listing.columns.empty()) listing.columns = ServerSessionColumns();
  return listing;
}

// Of the recorded tables of the connections that this process uses and the caller may.
Result<Listing> ConversationImpl::ListColumns(Deadline deadline) {
  BERTH_TRY(RefuseInCatalogWork("the table columns asks the servers"));
  BERTH_ASSIGN(const auto seen, ReadSeen(deadline));
  Listing listing = ServerColumns();
  for (const auto& connection : seen.connections) {
    const bool in_use = connection.id == warehouse_.connection_id();
    if (!in_use && shared_.pools.Find(connection.id) == nullptr) continue;
    if (RestsAndIsTold(connection)) continue;
    std::set<TableInServer> tables;
    {
      BERTH_ASSIGN(const auto transaction,
                   shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, deadline)));
      BERTH_ASSIGN(const auto dependents, transaction->DependentsOf(connection.id));
      for (const auto& table : dependents.tables) tables.emplace(table.schema, table.name);
    }
    if (tables.empty()) continue;
    BERTH_TRY(warehouse_.MakeRoom(connection));
    BERTH_ASSIGN(const auto lease, warehouse_.LeaseOn(connection, deadline));
    BERTH_TRY(cancel_.Running(&*lease));
    auto added = AddServerColumns(*lease, connection.name, tables, deadline, listing);
    cancel_.Leave();
    BERTH_TRY(std::move(added));
  }
  return listing;
}

Result<Outcome> ConversationImpl::Select(std::string_view text, Parameters parameters, Deadline deadline) {
  const auto own = Deadline::After(shared_.clock, kSystemSelectTimeMax);
  auto outcome = SelectUntil(text, parameters, own.Sooner(deadline));
  const bool late = !outcome.ok() && outcome.error().code == ErrorCode::kDeadlineExceeded;
  if (late && own.time() < deadline.time()) return SystemSelectTooLong(std::move(outcome).TakeError());
  return outcome;
}

Result<Outcome> ConversationImpl::SelectUntil(std::string_view text, Parameters parameters, Deadline deadline) {
  BERTH_ASSIGN(auto select, ReadSystemSelect(text));
  if (select.sessions) {
    BERTH_ASSIGN(auto sessions, ListSessions(deadline));
    select.tables.push_back(MemoryTableOf("sessions", std::move(sessions)));
  }
  if (select.columns) {
    BERTH_ASSIGN(auto columns, ListColumns(deadline));
    select.tables.push_back(MemoryTableOf("columns", std::move(columns)));
  }
  return InCatalog(catalog::Access::kRead, deadline, [&](CatalogScope& scope) {
    return SelectSystem(std::move(select), parameters, scope, cancel_.waiting(), deadline);
  });
}

}  // namespace berth::engine
