#include "engine/job_states.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "bind/option_values.h"
#include "bind/timetable.h"
#include "engine/job_lock.h"
#include "engine/job_run.h"

namespace berth::engine {
namespace {

using catalog::RunState;

// The run as it is recorded now: it may have ended since it was read. nullopt: it cannot be read.
std::optional<catalog::JobRun> ReadAgain(const Shared& shared, std::int64_t job_id) {
  const auto transaction = shared.store.Begin(catalog::Access::kRead, CatalogDeadline(shared, Deadline::Never()));
  if (!transaction.ok()) return std::nullopt;
  auto job = transaction.value()->FindJobById(job_id);
  if (!job.ok() || !job.value()) return std::nullopt;
  return job.value()->last_run;
}

}  // namespace

std::string JobStateText(const catalog::DependentJob& job) {
  if (job.external) return "lives elsewhere";
  if (job.last_run == RunState::kWaiting || job.last_run == RunState::kRunning) return "running";
  const std::string state = job.paused ? "paused" : job.scheduled ? "scheduled" : "created";
  return job.last_run == RunState::kFailed ? state + ", last run failed" : state;
}

std::string JobStateText(const catalog::Job& job) {
  return JobStateText(
      catalog::DependentJob{.name = job.name,
                            .external = job.external,
                            .scheduled = job.plan.scheduled(),
                            .paused = job.pause.has_value(),
                            .last_run = job.last_run ? std::optional(job.last_run->state) : std::nullopt});
}

std::optional<std::string> JobScheduleText(const catalog::JobPlan& plan) {
  if (plan.run_interval.count() > 0) return "every " + bind::TimeText(plan.run_interval);
  if (plan.schedule.empty()) return std::nullopt;
  return plan.schedule + (plan.time_zone.empty() ? "" : " " + plan.time_zone);
}

std::optional<Clock::Wall> NextRun(const catalog::Job& job, Clock::Wall now) {
  if (!job.plan.scheduled() || job.pause) return std::nullopt;
  const auto timetable = bind::ReadTimetable(job.plan.run_interval, job.plan.schedule, job.plan.time_zone);
  if (!timetable.ok()) return std::nullopt;
  const auto due = bind::LastTick(timetable.value(), job.ticked.value_or(now), now);
  return due ? due : bind::NextTick(timetable.value(), now);
}

void SeeCutOff(const Shared& shared, std::vector<catalog::DependentJob>& jobs) {
  for (auto& job : jobs) {
    if (job.last_run != RunState::kWaiting && job.last_run != RunState::kRunning) continue;
    if (JobLock::Held(shared.store, job.id)) continue;
    auto run = ReadAgain(shared, job.id);
    if (!run) continue;
    if (run->open()) run = CutOff(*std::move(run), shared.clock.WallNow());
    job.last_run = run->state;
  }
}

void SeeCutOff(const Shared& shared, catalog::JobRun& run) {
  if (!run.open() || JobLock::Held(shared.store, run.job_id)) return;
  auto again = ReadAgain(shared, run.job_id);
  if (again && again->id == run.id) run = *std::move(again);
  if (run.open()) run = CutOff(std::move(run), shared.clock.WallNow());
}

}  // namespace berth::engine
