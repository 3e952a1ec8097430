#include <fmt/core.h>

#include <string>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "bind/option_values.h"
#include "catalog/utc.h"
#include "engine/catalog_news.h"
#include "engine/catalog_statements.h"
#include "engine/connection_state.h"
#include "engine/memory_rows.h"
#include "engine/names.h"

namespace berth::engine {
namespace {

constexpr bind::TimeRange kPauseRange{.least = std::chrono::seconds(1), .most = std::chrono::hours(24 * 30)};

Result<std::optional<Clock::Wall>> EndOf(const parser::PauseConnection& statement, Clock::Wall now) {
  if (!statement.duration) return std::optional<Clock::Wall>();
  const auto ms = bind::MillisecondsOf(*statement.duration);
  const bool fits = ms && *ms >= kPauseRange.least.count() && *ms <= kPauseRange.most.count();
  if (fits) return std::optional<Clock::Wall>(now + std::chrono::milliseconds(*ms));
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("PAUSE CONNECTION .. FOR takes a duration of {}", bind::RangeText(kPauseRange)),
               .hint = "Write FOR 30 MINUTES or FOR '30m'. Without FOR it stays paused until RESUME CONNECTION.",
               .span = statement.duration->span};
}

void PoolsHear(CatalogScope& scope) {
  scope.after_commit.push_back([&news = scope.shared.news] { news.Tell(); });
}

}  // namespace

Result<Outcome> Run(const parser::PauseConnection& statement, CatalogScope& scope) {
  BERTH_ASSIGN(auto connection, RequireConnection(scope.transaction, statement.name));
  catalog::Pause pause{.at = scope.shared.clock.WallNow(),
                       .by = scope.transaction.actor(),
                       .until = {},
                       .refuse = statement.mode == parser::PauseMode::kRefuse,
                       .comment = {}};
  BERTH_ASSIGN(pause.until, EndOf(statement, pause.at));
  if (statement.comment) {
    BERTH_ASSIGN(pause.comment, bind::CommentOf({.name = {.name = "COMMENT", .span = statement.name.span},
                                                 .value = {.text = *statement.comment, .span = statement.name.span}}));
  }
  if (connection.pause && !connection.pause->Over(pause.at)) {
    Tell(scope.notices, "NOTICE",
         fmt::format("connection {} was paused already, by {} since {}; this takes its place",
                     base::QuoteIdentifier(connection.name), connection.pause->by,
                     catalog::UtcText(connection.pause->at)));
  }
  connection.pause = std::move(pause);
  BERTH_ASSIGN(const auto updated, scope.transaction.UpdateConnection(connection, nullptr, false));
  PoolsHear(scope);
  return Command("PAUSE CONNECTION");
}

Result<Outcome> Run(const parser::ResumeConnection& statement, CatalogScope& scope) {
  BERTH_ASSIGN(auto connection, RequireConnection(scope.transaction, statement.name));
  const bool paused = IsPaused(scope.shared, connection);
  const bool suspended = IsSuspended(scope.shared, connection);
  if (!paused && !suspended) {
    TellNoChange(scope.notices,
                 fmt::format("connection {} is neither paused nor suspended.", base::QuoteIdentifier(connection.name)));
    return Command("RESUME CONNECTION");
  }
  connection.pause.reset();
  // As after a change of the password: all processes begin to count refused logins anew.
  BERTH_ASSIGN(const auto updated, scope.transaction.UpdateConnection(connection, nullptr, suspended));
  if (suspended) {
    scope.after_commit.push_back([&shared = scope.shared, id = connection.id] {
      shared.passwords.Forget(id);
      shared.ledger.ForgetRefused(id);
    });
  }
  PoolsHear(scope);
  return Command("RESUME CONNECTION");
}

}  // namespace berth::engine
