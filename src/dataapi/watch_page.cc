#include "dataapi/watch_page.h"

#include <string>
#include <string_view>
#include <utility>

namespace berth::dataapi {
namespace {

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
  set("berth_events_due", "Events in the outbox that wait to be told.", static_cast<double>(stats.events_due));
}

}  // namespace berth::dataapi
