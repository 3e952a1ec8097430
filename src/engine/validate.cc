#include "engine/validate.h"

#include <fmt/core.h>

#include <chrono>
#include <set>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "engine/ask_server.h"
#include "engine/catalog_statements.h"
#include "engine/login.h"
#include "engine/usages.h"
#include "pool/reserve.h"
#include "session/interrupt.h"

namespace berth::engine {
namespace {

using catalog::Connection;

// What the statement would make, read before it is undone.
struct Rehearsed {
  std::optional<Connection> is, was;
  session::ConnectParams params;
  std::vector<catalog::DependentTable> tables;  // where it is another database
};

// Those recorded on the connection, where its name leads to another database than before; else none.
Result<std::vector<catalog::DependentTable>> TablesElsewhere(catalog::Transaction& transaction, const Connection& was,
                                                             const Connection& is) {
  if (was.host == is.host && was.port == is.port && was.database == is.database)
    return std::vector<catalog::DependentTable>();
  BERTH_ASSIGN(auto dependents, transaction.DependentsOf(is.id));
  return std::move(dependents.tables);
}

Status Look(catalog::Transaction& transaction, const ValidateScope& scope, Rehearsed& seen) {
  BERTH_ASSIGN(seen.is, transaction.FindConnection(scope.name));
  if (!seen.is) return {};
  BERTH_ASSIGN(seen.params, TargetParams(scope.shared, *seen.is));
  if (seen.is->password_kind == PasswordKind::kLiteral) {
    BERTH_ASSIGN(seen.params.password, transaction.OpenPassword(*seen.is));
  }
  if (!seen.was) return {};
  BERTH_ASSIGN(seen.tables, TablesElsewhere(transaction, *seen.was, *seen.is));
  return {};
}

Result<Rehearsed> RehearseAndLook(const ValidateScope& scope, const std::function<Status(catalog::Transaction&)>& run) {
  BERTH_ASSIGN(const auto transaction,
               scope.shared.store.Begin(catalog::Access::kWrite, CatalogDeadline(scope.shared, scope.deadline)));
  Rehearsed seen;
  BERTH_ASSIGN(seen.was, transaction->FindConnection(scope.before));
  Status refused;
  const auto work = [&]() -> Status {
    BERTH_TRY(run(*transaction));
    return Look(*transaction, scope, seen);
  };
  BERTH_ASSIGN(const auto changes, transaction->Rehearse(work, refused));
  BERTH_TRY(std::move(refused));
  return seen;
}

// A password that is asked for or that a program prints is had without the catalog's lock.
Status FetchPassword(const ValidateScope& scope, Rehearsed& seen) {
  if (!seen.is || seen.is->password_kind == PasswordKind::kLiteral) return {};
  const auto& shared = scope.shared;
  BERTH_TRY(shared.passwords.AskIfNeeded(*seen.is));
  BERTH_ASSIGN(const auto transaction,
               shared.store.Begin(catalog::Access::kRead, CatalogDeadline(shared, scope.deadline)));
  BERTH_ASSIGN(auto credential, shared.passwords.Resolve(*transaction, *seen.is, scope.deadline));
  if (!credential.user.empty()) seen.params.user = std::move(credential.user);
  seen.params.password = std::move(credential.password);
  return {};
}

constexpr std::chrono::milliseconds kOthersYieldMax{500};

Result<std::vector<pool::Slot>> Reserve(const ValidateScope& scope, const pool::PoolOptions& options,
                                        Deadline deadline) {
  pool::ReserveOptions wanted{.connection_name = options.connection_name, .slots = 1, .deadline = deadline};
  wanted.slot.connection_id = options.connection_id;
  wanted.slot.cap = options.sessions_max;
  wanted.slot.version = options.version;
  wanted.slot.group = options.group;
  return pool::Reserve(scope.shared.ledger, scope.shared.clock, wanted);
}

// A slot under the cap that counts now: the old one of a connection that is there.
Result<std::vector<pool::Slot>> TakeSlot(const ValidateScope& scope, const Rehearsed& seen) {
  const auto options = PoolOptionsOf(scope.shared, seen.was ? *seen.was : *seen.is);
  const Clock& clock = scope.shared.clock;
  const auto wait = Deadline::After(clock, options.acquire_timeout).Sooner(scope.deadline);
  auto slots = Reserve(scope, options, Deadline::After(clock, kOthersYieldMax).Sooner(wait));
  if (slots.ok() || !seen.was || slots.error().code != ErrorCode::kResourceExhausted) return slots;
  // Other processes give up idle sessions for it; this one's pool does so for nobody in its own process.
  scope.make_room(*seen.was);
  return Reserve(scope, options, wait);
}

Result<std::unique_ptr<session::Session>> LogIn(const ValidateScope& scope, const Rehearsed& seen) {
  session::Interrupt stop;
  stop.Arm();
  const pool::Cancellation::Watch watch(scope.cancel.waiting(), [&stop] { stop.Fire(); });
  if (watch.cancelled()) stop.Fire();
  return scope.shared.factory.Open(seen.params, scope.deadline, &stop);
}

Error NotMade(Error error, const ValidateScope& scope, const Rehearsed& seen) {
  error.message = fmt::format("connection {} was not {}, because its login fails: {}",
                              base::QuoteIdentifier(scope.name), seen.was ? "changed" : "created", error.message);
  error.span.reset();
  return error;
}

Result<std::vector<std::string>> Lacking(session::Session& session, const ValidateScope& scope,
                                         const std::vector<catalog::DependentTable>& tables) {
  std::vector<std::string> missing;
  if (tables.empty()) return missing;
  BERTH_TRY(scope.cancel.Running(&session));
  const auto there = TablesInServer(session, scope.deadline);
  scope.cancel.Leave();
  if (!there.ok()) return there.error();
  for (const auto& table : tables) {
    if (!there.value().contains({table.schema, table.name})) missing.push_back(TwoPartName(table.schema, table.name));
  }
  return missing;
}

}  // namespace

Result<Altered> AlterAndLook(const parser::AlterConnection& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto was, scope.transaction.FindConnection(statement.name.name));
  BERTH_ASSIGN(auto outcome, Run(statement, scope));
  Altered altered{.outcome = std::move(outcome), .is = {}, .tables = {}};
  if (!was) return altered;
  BERTH_ASSIGN(auto is, scope.transaction.FindConnectionById(was->id));
  if (!is) return altered;
  BERTH_ASSIGN(altered.tables, TablesElsewhere(scope.transaction, *was, *is));
  altered.is = *std::move(is);
  return altered;
}

Result<Validated> Validate(const ValidateScope& scope, const std::function<Status(catalog::Transaction&)>& run) {
  BERTH_ASSIGN(auto seen, RehearseAndLook(scope, run));
  BERTH_TRY(FetchPassword(scope, seen));
  Validated validated;
  if (seen.was) validated.version = seen.was->version;
  if (!seen.is) return validated;  // IF EXISTS, and there is none
  validated.database = seen.is->database;
  BERTH_ASSIGN(const auto slots, TakeSlot(scope, seen));
  const auto session = LogIn(scope, seen);  // closed before its slot falls
  if (!session.ok()) return NotMade(session.error(), scope, seen);
  BERTH_ASSIGN(validated.missing_tables, Lacking(*session.value(), scope, seen.tables));
  return validated;
}

Result<std::vector<std::string>> MissingTables(const ValidateScope& scope, const Connection& connection,
                                               const std::vector<catalog::DependentTable>& tables) {
  Rehearsed seen{.is = connection, .was = connection, .params = {}, .tables = {}};
  BERTH_ASSIGN(seen.params, TargetParams(scope.shared, connection));
  {
    BERTH_ASSIGN(const auto transaction,
                 scope.shared.store.Begin(catalog::Access::kRead, CatalogDeadline(scope.shared, scope.deadline)));
    BERTH_ASSIGN(auto credential, scope.shared.passwords.Resolve(*transaction, connection, scope.deadline));
    if (!credential.user.empty()) seen.params.user = std::move(credential.user);
    seen.params.password = std::move(credential.password);
  }
  BERTH_ASSIGN(const auto slots, TakeSlot(scope, seen));
  BERTH_ASSIGN(const auto session, LogIn(scope, seen));  // closed before its slot falls
  return Lacking(*session, scope, tables);
}

}  // namespace berth::engine
