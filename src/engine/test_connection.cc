#include "engine/test_connection.h"

#include <fmt/core.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/try.h"
#include "engine/login.h"
#include "engine/memory_rows.h"
#include "engine/sql_texts.h"
#include "session/probe.h"

namespace berth::engine {
namespace {

using std::chrono::microseconds;

// Sessions that were open before are closed, one after the other, until the pool logs in anew; more than this many
// only if others keep returning theirs.
constexpr int kOldSessionsMax = 100;

std::string Milliseconds(microseconds took) {
  return fmt::format("{:.1f}", static_cast<double>(took.count()) / 1000.0);
}

// The rows as they are made: after a step that failed all others are skipped.
class Steps {
 public:
  Steps() { rows_.Kind(2, ValueKind::kFloat); }

  bool failed() const { return error_.has_value(); }
  void Ok(std::string_view step, microseconds took, std::string detail) {
    rows_.Add({std::string(step), "ok", Milliseconds(took), std::move(detail), std::nullopt});
  }
  void Failed(std::string_view step, microseconds took, const std::string& detail, Error error) {
    rows_.Add({std::string(step), "failed", Milliseconds(took),
               detail.empty() ? error.message : fmt::format("{} ({})", error.message, detail),
               error.hint.empty() ? std::nullopt : std::optional(error.hint)});
    error_ = std::move(error);
  }
  void Skipped(std::string_view step, std::string detail = {}) {
    rows_.Add({std::string(step), "skipped", std::nullopt,
               detail.empty() ? std::nullopt : std::optional(std::move(detail)), std::nullopt});
  }
  Outcome Build() { return rows_.Build("TEST CONNECTION", std::move(error_)); }

 private:
  RowsBuilder rows_{"step", "status", "ms", "detail", "hint"};
  std::optional<Error> error_;
};

void AddWay(session::ProbeReport report, Steps& steps) {
  static constexpr std::string_view kNames[] = {"resolve", "tcp", "tls"};
  for (std::size_t i = 0; i < session::kProbeSteps; ++i) {
    const auto& step = report.steps[i];
    const bool last = i + 1 == session::kProbeSteps || !report.steps[i + 1].tried;
    if (!step.tried) {
      steps.Skipped(kNames[i], step.detail);
    } else if (last && report.error && !steps.failed()) {
      steps.Failed(kNames[i], step.took, step.detail, *std::move(report.error));
    } else {
      steps.Ok(kNames[i], step.took, step.detail);
    }
  }
}

// Who the server takes us for, and where.
Result<std::string> Ask(session::Session& session, TestScope& scope) {
  BERTH_TRY(scope.cancel.Running(&session));
  auto answer = [&]() -> Result<std::string> {
    BERTH_ASSIGN(const auto rows, session.Execute(SqlText("test_connection.sql"), {}, scope.deadline));
    BERTH_ASSIGN(const auto row, rows->Next());
    if (!row || row->size() < 2) return std::string("no row");
    auto text = fmt::format("user {}, database {}", (*row)[0].value_or("?"), (*row)[1].value_or("?"));
    BERTH_ASSIGN(const auto end, rows->Next());
    static_cast<void>(end);
    return text;
  }();
  scope.cancel.Leave();
  return answer;
}

void AddLoginAndQuery(const catalog::Connection& connection, TestScope& scope, Steps& steps) {
  const Clock& clock = scope.shared.clock;
  const auto since = [&clock](Clock::Steady start) {
    return std::chrono::duration_cast<microseconds>(clock.Now() - start);
  };
  const Clock::Steady began = clock.Now();
  auto lease = NewLogin(connection, scope, began);
  if (!lease.ok()) {
    steps.Failed("login", since(began), "", std::move(lease).TakeError());
    return steps.Skipped("query");
  }
  const auto& server = lease.value()->server();
  steps.Ok("login", server.login_took,
           fmt::format("{} {}, process {}, {}", server.redshift ? "Redshift" : "PostgreSQL", server.version_text,
                       server.backend_pid, server.tls ? "by TLS" : "without TLS"));
  const Clock::Steady asked = clock.Now();
  auto answer = Ask(*lease.value(), scope);
  if (answer.ok()) {
    steps.Ok("query", since(asked), std::move(answer).value());
  } else {
    steps.Failed("query", since(asked), "", std::move(answer).TakeError());
  }
}

}  // namespace

Result<pool::Lease> NewLogin(const catalog::Connection& connection, TestScope& scope, Clock::Steady since) {
  for (int old = 0;; ++old) {
    BERTH_ASSIGN(auto lease, scope.lease_on(connection));
    if (lease->server().opened >= since) return lease;
    lease.Discard();
    if (old == kOldSessionsMax) {
      return Error{.code = ErrorCode::kResourceExhausted,
                   .message = fmt::format("no new login: {} sessions that were open before came first", old),
                   .hint = "The connection is busy and works; test it again when it is quieter."};
    }
  }
}

Result<Outcome> TestConnection(const catalog::Connection& connection, TestScope& scope) {
  BERTH_ASSIGN(const auto params, TargetParams(scope.shared, connection));
  Steps steps;
  session::Interrupt stop;
  stop.Arm();
  {
    const pool::Cancellation::Watch watch(scope.cancel.waiting(), [&stop] { stop.Fire(); });
    if (watch.cancelled()) stop.Fire();
    AddWay(session::Probe(params, scope.shared.clock, scope.deadline, &stop), steps);
  }
  if (steps.failed()) {
    steps.Skipped("login");
    steps.Skipped("query");
  } else {
    AddLoginAndQuery(connection, scope, steps);
  }
  return steps.Build();
}

}  // namespace berth::engine
