#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "engine/catalog_statements.h"
#include "engine/conversation.h"
#include "engine/names.h"
#include "engine/quiet.h"
#include "engine/server_sessions.h"
#include "engine/test_connection.h"

// The statements on a connection as a whole, which need its sessions or wait for them. Nobody waits for himself: what
// this conversation holds of the connection goes back first.
namespace berth::engine {

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

Result<Outcome> ConversationImpl::Test(const parser::TestConnection& statement, Deadline deadline) {
  BERTH_TRY(RefuseInCatalogWork("TEST CONNECTION logs in"));
  BERTH_ASSIGN(const auto connection, Read(statement.name, deadline));
  BERTH_TRY(warehouse_.MakeRoom(connection));
  TestScope scope{shared_, deadline, cancel_, [&](const catalog::Connection& tested) BERTH_REQUIRES(mutex_) {
                    return warehouse_.LeaseOn(tested, deadline);
                  }};
  return TestConnection(connection, scope);
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

Result<Outcome> ConversationImpl::ShowSessions(const parser::ShowSessions& statement, Deadline deadline) {
  BERTH_TRY(RefuseInCatalogWork("SHOW SESSIONS asks the server"));
  std::vector<catalog::Connection> same_user;
  BERTH_ASSIGN(const auto connection, Read(statement.name, deadline));
  {
    BERTH_ASSIGN(const auto transaction,
                 shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, deadline)));
    BERTH_ASSIGN(same_user, transaction->ListConnections());
  }
  std::erase_if(same_user, [&](const catalog::Connection& other) {
    return other.host != connection.host || other.port != connection.port || other.user_name != connection.user_name;
  });
  BERTH_TRY(warehouse_.MakeRoom(connection));
  BERTH_ASSIGN(const auto lease, warehouse_.LeaseOn(connection, deadline));
  BERTH_TRY(cancel_.Running(&*lease));
  auto outcome = ServerSessions(connection, same_user, *lease, shared_, notices_, deadline);
  cancel_.Leave();
  return outcome;
}

}  // namespace berth::engine
