#include "dataapi/watch_page.h"

#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace berth::dataapi {
namespace {

constexpr std::chrono::milliseconds kPoolsWait{2'000};  // for the catalog
constexpr const char* kPlain = "text/plain; charset=utf-8";
constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

HttpResponse Text(int status, std::string text) {
  return {.status = status, .content_type = kPlain, .headers = {}, .body = std::move(text)};
}

}  // namespace

HttpResponse WatchPage::Answer(const HttpRequest& request) {
  const auto path = std::string_view(request.target).substr(0, request.target.find('?'));
  if (request.method != "GET" && request.method != "HEAD") return Text(405, "GET is all there is\n");
  if (path == "/livez") return Text(200, "ok\n");
  if (path == "/readyz") return Ready();
  if (path != "/metrics") return Text(404, "/livez, /readyz and /metrics are here\n");
  Gather();
  GatherPools();
  return {.status = 200, .content_type = kMetricsType, .headers = {}, .body = metrics_.Text()};
}

HttpResponse WatchPage::Ready() {
  if (!ready_) return Text(503, "stopping or not started: takes no statements\n");
  if (const auto version = engine_.CatalogVersion(); !version.ok()) {
    return Text(503, "the catalog cannot be read: " + version.error().message + "\n");
  }
  return Text(200, "ok\n");
}

void WatchPage::Gather() {
  const auto stats = statements_.Stats();
  const auto set = [&](const char* name, const char* help, double value) { metrics_.Set(name, help, "", "", value); };
  const auto state = [&](const char* value, double count) {
    metrics_.Set("berth_statements", "Statements of this process that have not ended, by state.", "state", value,
                 count);
  };
  state("submitted", static_cast<double>(stats.submitted));
  state("picked", static_cast<double>(stats.picked));
  state("started", static_cast<double>(stats.started));
  const auto ended = [&](const char* value, double count) {
    metrics_.Set("berth_statements_ended", "Statements that have ended since this process began, by outcome.", "state",
                 value, count);
  };
  ended("finished", static_cast<double>(stats.finished));
  ended("aborted", static_cast<double>(stats.aborted));
  ended("failed", static_cast<double>(stats.failed));
  set("berth_oldest_submitted_seconds", "How long the oldest statement that has not begun has waited.",
      static_cast<double>(stats.oldest_submitted.count()) / 1000);
  set("berth_kept_sessions", "Sessions that outlive their statements.", static_cast<double>(stats.sessions));
  set("berth_long_polls", "Requests that wait for a statement's end.", static_cast<double>(stats.waiters));
  set("berth_result_bytes", "Bytes of all results that are kept.", static_cast<double>(stats.result_bytes));
  const auto seconds = [](std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); };
  set("berth_acquires_total", "Sessions that statements got.", static_cast<double>(stats.acquires));
  set("berth_acquire_failures_total", "Statements that got no session: a login failed, or none came free in time.",
      static_cast<double>(stats.acquire_failures));
  set("berth_login_failures_total", "Of these: the server refused the login, or could not be reached.",
      static_cast<double>(stats.login_failures));
  set("berth_acquire_seconds_total", "How long statements have waited for their sessions, in all.",
      seconds(stats.acquire_time));
  set("berth_statement_seconds_total", "How long statements have run, in all.", seconds(stats.run_time));
  set("berth_events_due", "Events in the outbox that wait to be told.", static_cast<double>(stats.events_due));
}

// What SHOW POOLS says of this process's pools; one that is gone is not told of any more.
void WatchPage::GatherPools() {
  struct Shown {
    std::string_view column;
    const char* name;
    const char* help;
  };
  static constexpr std::array<Shown, 9> kShown{{
      {"max_concurrent_connections", "berth_slots_max", "The connection's cap."},
      {"in_use", "berth_sessions_in_use", "Sessions on loan."},
      {"idle", "berth_sessions_idle", "Sessions that are open and free."},
      {"opening", "berth_sessions_opening", "Logins under way."},
      {"closing", "berth_sessions_closing", "Sessions that the server has not closed yet."},
      {"waiting", "berth_session_waiters", "Who waits for a session."},
      {"opened_total", "berth_sessions_opened_total", "Sessions opened by this process."},
      {"broken_total", "berth_sessions_broken_total", "Sessions that broke."},
      {"refused_for_room_total", "berth_logins_without_room_total", "Logins that the server had no room for."},
  }};
  constexpr const char* kState = "berth_connection_open";
  for (const auto& shown : kShown) metrics_.Forget(shown.name);
  metrics_.Forget(kState);
  auto pools = engine_.Execute("SHOW POOLS", "", {}, Deadline::After(Clock::System(), kPoolsWait));
  if (!pools.ok()) return;
  const std::vector<Column> columns(pools.value()->columns().begin(), pools.value()->columns().end());
  while (true) {
    const auto row = pools.value()->Next();
    if (!row.ok() || !row.value()) return;
    const auto& fields = *row.value();
    const auto value = [&](std::string_view column) -> std::string_view {
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (columns[i].name == column) return fields[i].value_or("");
      }
      return {};
    };
    const auto connection = value("connection");
    for (const auto& shown : kShown) {
      double number = 0;
      const auto text = value(shown.column);
      std::from_chars(text.data(), text.data() + text.size(), number);
      metrics_.Set(shown.name, shown.help, "connection", connection, number);
    }
    metrics_.Set(kState, "1: open; 0: paused, or suspended because logins were refused.", "connection", connection,
                 value("state") == "open" ? 1 : 0);
  }
}

}  // namespace berth::dataapi
