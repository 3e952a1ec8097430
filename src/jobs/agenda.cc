#include "jobs/agenda.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "bind/timetable.h"

namespace berth::jobs {
namespace {

using catalog::Job;
using catalog::RunState;

void Sooner(std::optional<Clock::Wall>& next, std::optional<Clock::Wall> time) {
  if (time && (!next || *time < *next)) next = time;
}

// What the time alone says of one job.
struct Facts {
  bind::Timetable timetable;
  std::optional<Clock::Wall> tick;  // due now, by its timetable or as an attempt to be made again
  std::int32_t attempt = 1;
  std::optional<Clock::Wall> next;
  bool open = false;     // its last run is recorded as open
  bool running = false;  // .. and somebody runs it
};

// A later attempt at the tick of the last run, and from when on it is due.
struct Again {
  Clock::Wall tick{}, from{};
  std::int32_t attempt = 1;
};
std::optional<Again> AgainOf(const Job& job) {
  if (!job.last_run || !job.last_run->tick || job.last_run->in_doubt) return std::nullopt;
  const auto& run = *job.last_run;
  const auto ended = run.ended.value_or(run.started);
  if (run.state == RunState::kAbandoned) return Again{.tick = *run.tick, .from = ended, .attempt = run.attempt};
  if (run.state != RunState::kFailed || run.attempt > job.plan.retries) return std::nullopt;
  return Again{.tick = *run.tick, .from = ended + RetryDelay(job.plan, run.attempt), .attempt = run.attempt + 1};
}

Facts FactsOf(const Job& job, Clock::Wall now, const std::function<bool(std::int64_t)>& running) {
  Facts facts;
  auto timetable = bind::ReadTimetable(job.plan.run_interval, job.plan.schedule, job.plan.time_zone);
  if (!timetable.ok()) return facts;  // its time zone is gone from the machine: it is never due
  facts.timetable = std::move(timetable).value();
  facts.open = job.last_run && job.last_run->open();
  facts.running = facts.open && running(job.id);
  facts.tick = bind::LastTick(facts.timetable, job.ticked.value_or(now), now);
  facts.next = bind::NextTick(facts.timetable, now);
  if (facts.tick) return facts;
  if (const auto again = AgainOf(job)) {
    if (again->from <= now) {
      facts.tick = again->tick;
      facts.attempt = again->attempt;
    } else {
      Sooner(facts.next, again->from);
    }
  }
  return facts;
}

using TableKey = std::tuple<std::int64_t, std::string_view, std::string_view>;

TableKey KeyOf(const catalog::Edge& edge) {
  return {edge.connection_id, edge.schema, edge.table};
}

class Streams {
 public:
  Streams(const std::vector<Job>& jobs, const std::vector<Facts>& facts) : jobs_(jobs), facts_(facts) {
    std::map<TableKey, std::vector<std::size_t>> writers;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (!jobs[i].sync || jobs[i].pause) continue;
      for (const auto& edge : jobs[i].edges) {
        if (edge.role == catalog::Role::kTarget || edge.role == catalog::Role::kStaging)
          writers[KeyOf(edge)].push_back(i);
      }
    }
    feeds_.resize(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (!jobs[i].sync) continue;
      for (const auto& edge : jobs[i].edges) {
        const auto found = edge.role == catalog::Role::kSource ? writers.find(KeyOf(edge)) : writers.end();
        if (found == writers.end()) continue;
        std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(feeds_[i]),
                     [&](std::size_t upstream) { return upstream != i; });
      }
    }
  }

  // Whether job `at` has to wait with what is due at `tick`.
  bool Blocked(std::size_t at, Clock::Wall tick) const {
    return std::any_of(feeds_[at].begin(), feeds_[at].end(),
                       [&](std::size_t upstream) { return !Reaches(upstream, at) && !Done(upstream, tick); });
  }

 private:
  bool Done(std::size_t at, Clock::Wall tick) const {
    const auto& job = jobs_[at];
    if (facts_[at].open) return false;
    if (bind::LastTick(facts_[at].timetable, job.ticked.value_or(tick), tick)) return false;
    return !job.last_run || job.last_run->state == RunState::kSucceeded;
  }

  // Whether `from` waits, over others perhaps, for `to`.
  bool Reaches(std::size_t from, std::size_t to) const {
    std::vector<bool> seen(jobs_.size());
    std::vector<std::size_t> open = {from};
    while (!open.empty()) {
      const auto at = open.back();
      open.pop_back();
      if (at == to) return true;
      if (seen[at]) continue;
      seen[at] = true;
      open.insert(open.end(), feeds_[at].begin(), feeds_[at].end());
    }
    return false;
  }

  const std::vector<Job>& jobs_;
  const std::vector<Facts>& facts_;
  std::vector<std::vector<std::size_t>> feeds_;  // of each job, those upstream of it
};

}  // namespace

std::chrono::milliseconds RetryDelay(const catalog::JobPlan& plan, std::int32_t attempt) {
  auto delay = plan.retry_delay;
  for (std::int32_t i = 1; i < attempt && delay < kRetryDelayMax; ++i) delay *= 2;
  return std::min(delay, std::max(kRetryDelayMax, plan.retry_delay));
}

Agenda AgendaOf(const engine::ScheduledJobs& scheduled, Clock::Wall now,
                const std::function<bool(std::int64_t job_id)>& running) {
  const auto& jobs = scheduled.jobs;
  Agenda agenda;
  std::vector<Facts> facts;
  facts.reserve(jobs.size());
  for (const auto& job : jobs) facts.push_back(FactsOf(job, now, running));
  const Streams streams(jobs, facts);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto& job = jobs[i];
    const auto& fact = facts[i];
    if (fact.open && !fact.running) agenda.cut_off.push_back(job.id);
    if (job.pause) continue;
    if (const auto pause = scheduled.paused.find(job.connection_id.value_or(0));
        pause != scheduled.paused.end() && !pause->second.Over(now)) {
      Sooner(agenda.next, pause->second.until);
      continue;
    }
    Sooner(agenda.next, fact.next);
    if (!fact.tick || fact.open || streams.Blocked(i, *fact.tick)) continue;
    agenda.due.push_back({.job_id = job.id, .job = job.name, .tick = *fact.tick, .attempt = fact.attempt});
  }
  std::sort(agenda.due.begin(), agenda.due.end(),
            [](const Due& a, const Due& b) { return std::tie(a.tick, a.job_id) < std::tie(b.tick, b.job_id); });
  return agenda;
}

}  // namespace berth::jobs
