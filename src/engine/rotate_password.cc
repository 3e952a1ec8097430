#include "engine/rotate_password.h"

#include <fmt/core.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/process.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/ask_server.h"
#include "engine/catalog_news.h"
#include "engine/login.h"
#include "engine/make_password.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "engine/same_login.h"
#include "engine/sql_texts.h"

namespace berth::engine {
namespace {

using catalog::Access;
using catalog::Connection;
using catalog::NextPassword;

std::string Named(const Connection& connection) {
  return "connection " + base::QuoteIdentifier(connection.name);
}

Result<std::unique_ptr<catalog::Transaction>> Begin(const RotateScope& scope, Access access) {
  const auto& shared = scope.test.shared;
  BERTH_ASSIGN(auto transaction, shared.store.Begin(access, CatalogDeadline(shared, scope.test.deadline)));
  transaction->Describe(scope.statement, {});
  return transaction;
}

Result<Connection> Find(const parser::Identifier& name, const RotateScope& scope) {
  BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kRead));
  return RequireConnection(*transaction, name);
}

Status CheckLiteral(const Connection& connection, parser::Span span) {
  if (connection.password_kind == PasswordKind::kLiteral) return {};
  return Error{
      .code = ErrorCode::kFailedPrecondition,
      .message = fmt::format("the password of {} is not stored in it, so it cannot be rotated here", Named(connection)),
      .hint = "Change it where it is kept; or give the connection a literal: SET PASSWORD = '..'.",
      .span = span};
}

bool Lives(const NextPassword& next) {
  return next.rotation_pid > 0 &&
         base::ProcessStart(next.rotation_pid) == static_cast<std::uint64_t>(next.rotation_started);
}

Status CheckNobodyRotates(const Connection& connection, parser::Span span) {
  if (!connection.next || !Lives(*connection.next)) return {};
  return Error{.code = ErrorCode::kFailedPrecondition,
               .message = fmt::format("the password of {} is being rotated by process {}", Named(connection),
                                      connection.next->rotation_pid),
               .hint = "Wait until that has ended.",
               .span = span};
}

// `tried` as it was read; it counts as it is now.
Result<RotationPlan> Choose(const Connection& tried, parser::Span span, catalog::Transaction& transaction) {
  BERTH_ASSIGN(const auto all, transaction.ListConnections());
  RotationPlan plan;
  for (const auto& connection : all) {
    const bool own = connection.id == tried.id;
    if (!own && !SameLogin(connection, tried)) continue;
    BERTH_TRY(CheckNobodyRotates(connection, span));
    if (own && (!SameLogin(connection, tried) || connection.password_kind != PasswordKind::kLiteral)) {
      return Error{.code = ErrorCode::kFailedPrecondition,
                   .message = fmt::format("{} was changed meanwhile", Named(connection)),
                   .hint = "Run the statement again.",
                   .span = span};
    }
    if (!own && (connection.password_kind != PasswordKind::kLiteral || connection.next)) {
      plan.others += (plan.others.empty() ? "" : ", ") + base::QuoteIdentifier(connection.name);
      continue;
    }
    plan.targets.insert(own ? plan.targets.begin() : plan.targets.end(), connection);
  }
  return plan;
}

// The connections whose PASSWORD_NEXT is the new one, and which one it is.
struct Target {
  std::int64_t id = 0, next_version = 0;
};
struct Intent {
  std::vector<Target> targets;
  std::string others;  // that log in as the same user and do not get it
};

Result<std::int64_t> Store(catalog::Transaction& transaction, std::int64_t id, const Secret& fresh, bool rotates) {
  NextPassword next;
  if (rotates) {
    next.rotation_pid = ::getpid();
    next.rotation_started = static_cast<std::int64_t>(base::ProcessStart(next.rotation_pid));
  }
  BERTH_TRY(transaction.SetNextPassword(id, &next, fresh));
  BERTH_ASSIGN(const auto stored, transaction.FindConnectionById(id));
  return stored && stored->next ? stored->next->version : 0;
}

// `tried`: the connection whose stored password has just logged in, so that a PASSWORD_NEXT of it is not needed.
Result<Intent> Intend(const Connection& tried, parser::Span span, const Secret& fresh, RotateScope& scope) {
  BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kWrite));
  BERTH_ASSIGN(const auto plan, Choose(tried, span, *transaction));
  Intent intent{.targets = {}, .others = plan.others};
  for (const auto& connection : plan.targets) {
    BERTH_ASSIGN(const auto version, Store(*transaction, connection.id, fresh, true));
    intent.targets.push_back({.id = connection.id, .next_version = version});
  }
  if (intent.targets.empty()) {
    return Error{.code = ErrorCode::kNotFound, .message = fmt::format("{} was dropped", Named(tried)), .span = span};
  }
  BERTH_TRY(transaction->Commit());
  return intent;
}

Status AlterUser(session::Session& session, const std::string& user, const Secret& fresh, RotateScope& scope) {
  BERTH_TRY(scope.test.cancel.Running(&session));
  auto altered = [&]() -> Status {
    BERTH_ASSIGN(const auto hash, session.HashPassword(user, fresh, scope.test.deadline));
    std::string quoted = "\"";
    for (const char c : user) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    quoted += '"';
    const auto text =
        fmt::format(fmt::runtime(SqlText("alter_user_password.sql")), fmt::arg("user", quoted), fmt::arg("hash", hash));
    auto sent = RunToEnd(session, text, {}, scope.test.deadline);
    if (!sent.ok()) return std::move(sent).TakeError();
    return {};
  }();
  scope.test.cancel.Leave();
  return altered;
}

// The server has not taken it, surely or perhaps: it goes, or it stays and nobody is at it any more.
Error GiveUp(const Intent& intent, const Secret& fresh, Error error, RotateScope& scope) {
  error.span.reset();
  const bool doubt = error.in_doubt || error.code == ErrorCode::kSessionLost;
  const auto tidy = [&]() -> Status {
    BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kWrite));
    for (const auto& target : intent.targets) {
      BERTH_ASSIGN(const auto now, transaction->FindConnectionById(target.id));
      if (!now || !now->next || now->next->version != target.next_version) continue;
      if (doubt) {
        BERTH_ASSIGN(const auto version, Store(*transaction, target.id, fresh, false));
        static_cast<void>(version);
      } else {
        BERTH_TRY(transaction->SetNextPassword(target.id, nullptr, Secret()));
      }
    }
    return transaction->Commit();
  }();
  if (!tidy.ok()) error.detail += (error.detail.empty() ? "" : "\n") + tidy.error().message;
  if (doubt) {
    error.hint = "Whether the server has the new password is in doubt. Both are stored: the next login finds out.";
  }
  return error;
}

// The login has promoted its own connection already; the others follow.
Status Promote(const Intent& intent, RotateScope& scope) {
  BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kWrite));
  for (const auto& target : intent.targets) {
    BERTH_ASSIGN(const bool promoted, transaction->PromoteNextPassword(target.id, target.next_version));
    static_cast<void>(promoted);
  }
  BERTH_TRY(transaction->Commit());
  scope.test.shared.news.Tell();
  return {};
}

}  // namespace

Result<RotationPlan> PlanRotation(const parser::RotatePassword& statement, catalog::Transaction& transaction) {
  BERTH_ASSIGN(const auto connection, RequireConnection(transaction, statement.name));
  BERTH_TRY(CheckLiteral(connection, statement.name.span));
  return Choose(connection, statement.name.span, transaction);
}

Result<Outcome> RotatePassword(const parser::RotatePassword& statement, RotateScope& scope) {
  auto& test = scope.test;
  const Clock& clock = test.shared.clock;
  const auto span = statement.name.span;
  BERTH_ASSIGN(const auto before, Find(statement.name, scope));
  BERTH_TRY(CheckLiteral(before, span));
  BERTH_TRY(CheckNobodyRotates(before, span));
  const Secret fresh = MakePassword();
  Intent intent;
  {
    BERTH_ASSIGN(auto lease, NewLogin(before, test, clock.Now()));
    BERTH_TRY(SettleNext(test.shared, before.id, test.deadline));
    BERTH_ASSIGN(intent, Intend(before, span, fresh, scope));
    if (auto altered = AlterUser(*lease, before.user_name, fresh, scope); !altered.ok())
      return GiveUp(intent, fresh, std::move(altered).TakeError(), scope);
  }
  BERTH_ASSIGN(const auto after, Find({.name = before.name}, scope));
  auto login = NewLogin(after, test, clock.Now());
  if (!login.ok()) {
    Error error = std::move(login).TakeError();
    error.hint += fmt::format(
        "{}The server has the new password; it is stored as PASSWORD_NEXT and becomes the "
        "password at its first login.",
        error.hint.empty() ? "" : "\n");
    return error;
  }
  BERTH_TRY(Promote(intent, scope));
  if (!intent.others.empty()) {
    Tell(scope.notices, "WARNING", "other connections log in as the same user and were not changed", intent.others,
         "Their logins are refused until their password is the new one: give them one of their own.");
  }
  return Command("ALTER CONNECTION");
}

}  // namespace berth::engine
