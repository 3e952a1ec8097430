#include "dataapi/event_poster.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "dataapi/json_text.h"

namespace berth::dataapi {
namespace {

constexpr std::size_t kEventsARound = 100;
constexpr std::chrono::milliseconds kBetweenRounds{1'000};
constexpr std::chrono::seconds kFirstPause{1};  // after a failure; doubled each time
constexpr std::chrono::seconds kLongestPause{300};
constexpr int kPauseDoublings = 9;

// Always the same for the same event: a UUID's form over its statement's id.
std::string EventId(const statements::StatementEvent& event) {
  const auto hash = base::Sha256Hex("event of " + event.statement_id);
  return fmt::format("{}-{}-{}-{}-{}", hash.substr(0, 8), hash.substr(8, 4), hash.substr(12, 4), hash.substr(16, 4),
                     hash.substr(20, 12));
}

std::string UtcText(Clock::Wall time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss day(std::chrono::floor<std::chrono::seconds>(time - days));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), day.hours().count(),
                     day.minutes().count(), day.seconds().count());
}

std::string ResourceOf(const statements::StatementEvent& event, std::string_view region) {
  if (event.target.workgroup) {
    return fmt::format("arn:aws:redshift-serverless:{}::workgroup/{}", region, *event.target.workgroup);
  }
  return fmt::format("arn:aws:redshift:{}::cluster:{}", region,
                     event.target.cluster_identifier.value_or(event.connection));
}

}  // namespace

std::string EventText(const statements::StatementEvent& event, std::string_view region) {
  JsonText out;
  out.Begin('{');
  out.Text("version", "0");
  out.Text("id", EventId(event));
  out.Text("detail-type", "Redshift Data Statement Status Change");
  out.Text("source", "aws.redshift-data");
  out.Text("account", "");
  out.Text("time", UtcText(event.at));
  out.Text("region", region);
  out.Begin("resources", '[');
  out.Element(ResourceOf(event, region));
  out.End(']');
  out.Begin("detail", '{');
  out.Text("principal", event.caller);
  out.Text("statementName", event.statement_name);
  out.Text("statementId", event.statement_id);
  out.Number("redshiftQueryId", event.redshift_query_id);
  out.Text("state", statements::StateName(event.state));
  out.Number("rows", event.rows);
  out.Number("expireAt", std::chrono::duration_cast<std::chrono::seconds>(event.expires_at.time_since_epoch()).count());
  out.End('}');
  out.End('}');
  return std::move(out).Take();
}

EventPoster::EventPoster(statements::StatementService& statements, Post post, const Clock& clock)
    : statements_(statements), post_(std::move(post)), clock_(clock), thread_([this] { Run(); }) {}

EventPoster::~EventPoster() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  thread_.join();
}

void EventPoster::Run() {
  while (true) {
    {
      base::MutexLock lock(mutex_);
      const auto next = clock_.Now() + kBetweenRounds;
      while (!stopping_ && clock_.Now() < next) clock_.WaitUntil(wake_, lock.native(), next);
      if (stopping_) return;
    }
    try {
      Round();
    } catch (const std::exception& error) {
      log::Error("events could not be told: {}", error.what());
    }
  }
}

void EventPoster::Round() {
  auto due = statements_.DueEvents(kEventsARound);
  if (!due.ok()) return log::Warn("the outbox of events cannot be read: {}", due.error().message);
  for (const auto& event : due.value()) {
    const auto answer = post_(EventText(event, "local"));
    const bool told = answer.ok() && answer.value() >= 200 && answer.value() < 300;
    auto noted = Status();
    if (told) {
      noted = statements_.EventTold(event.number);
    } else {
      const auto doublings = static_cast<int>(std::min<std::int64_t>(event.attempts, kPauseDoublings));
      const auto pause = std::min(kLongestPause, kFirstPause * (1 << doublings));
      noted = statements_.EventFailed(event.number, clock_.WallNow() + pause);
      log::Warn("the event of statement {} could not be told ({}); again in {} s", event.statement_id,
                answer.ok() ? fmt::format("HTTP {}", answer.value()) : answer.error().message, pause.count());
    }
    if (!noted.ok()) return log::Warn("the outbox of events cannot be written: {}", noted.error().message);
    const base::MutexLock lock(mutex_);
    if (stopping_) return;
  }
}

}  // namespace berth::dataapi
