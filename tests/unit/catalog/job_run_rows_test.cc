#include "unit/catalog/catalog_fixture.h"

namespace berth::catalog {
namespace {

using std::chrono::minutes;

const Clock::Wall kTick = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(6);

Job ScheduledJob(std::int64_t connection_id) {
  Job job{.name = "j", .body = "SELECT 1", .connection_id = connection_id};
  job.plan = {.run_interval = minutes(15),
              .schedule = "",
              .time_zone = "",
              .auto_commit = true,
              .run_timeout = minutes(10),
              .retries = 3,
              .retry_delay = milliseconds(1'500),
              .without_effect = "START_FROM = \"now\""};
  job.ticked = kTick - minutes(15);
  return job;
}

TEST_CASE("a job's plan, pause and ticks come back as they were stored") {
  const Catalog catalog;
  const auto c = catalog.Add("c");
  auto transaction = catalog.Write();
  auto job = Must(transaction->InsertJob(ScheduledJob(c.id)));
  CHECK(job.plan == ScheduledJob(c.id).plan);
  CHECK(job.ticked == kTick - minutes(15));
  CHECK_FALSE(job.pause);
  CHECK_FALSE(job.last_run);
  job.pause = JobPause{.at = kTick, .by = "u@h test"};
  job.plan = {.schedule = "0 6 * * *", .time_zone = "Europe/Berlin"};
  job = Must(transaction->UpdateJob(job));
  CHECK(job.pause == JobPause{.at = kTick, .by = "u@h test"});
  CHECK(job.plan.schedule == "0 6 * * *");
  CHECK(job.plan.run_interval == milliseconds(0));
  CHECK(Must(transaction->FindJobById(job.id))->name == "j");
  CHECK_FALSE(Must(transaction->FindJobById(job.id + 1)));
  Must(transaction->InsertJob({.name = "unscheduled", .body = "SELECT 1", .connection_id = c.id}));
  CHECK(Must(transaction->ListScheduledJobs()).size() == 1);
}

TEST_CASE("a run takes its tick, once") {
  const Catalog catalog;
  const auto c = catalog.Add("c");
  auto transaction = catalog.Write();
  const auto job = Must(transaction->InsertJob(ScheduledJob(c.id)));
  auto run = Must(transaction->InsertJobRun({.job_id = job.id, .connection = "c", .tick = kTick}));
  CHECK(run.run_by == "u@h test");
  CHECK(run.pid > 0);
  CHECK(Must(transaction->FindJob("j"))->ticked == kTick);
  REQUIRE(Must(transaction->FindJob("j"))->last_run);
  CHECK(Must(transaction->FindJob("j"))->last_run->open());
  CHECK(ErrorFrom(transaction->InsertJobRun({.job_id = job.id, .connection = "c", .tick = kTick})).code ==
        ErrorCode::kAlreadyExists);
  Must(transaction->InsertJobRun({.job_id = job.id, .connection = "c", .tick = kTick, .attempt = 2}));
  // What was abandoned does not count, and an older tick does not turn the time back.
  run.state = RunState::kAbandoned;
  Must(transaction->UpdateJobRun(run));
  Must(transaction->InsertJobRun({.job_id = job.id, .connection = "c", .tick = kTick}));
  Must(transaction->InsertJobRun({.job_id = job.id, .connection = "c", .tick = kTick - minutes(15)}));
  CHECK(Must(transaction->FindJob("j"))->ticked == kTick);
  const auto by_hand = Must(transaction->InsertJobRun({.job_id = job.id, .connection = "c"}));
  CHECK_FALSE(by_hand.tick);
  CHECK(Must(transaction->FindJob("j"))->ticked == kTick);
}

TEST_CASE("how a run ended is stored, and goes with its job") {
  const Catalog catalog;
  const auto c = catalog.Add("c");
  auto transaction = catalog.Write();
  const auto job = Must(transaction->InsertJob(ScheduledJob(c.id)));
  auto run = Must(transaction->InsertJobRun({.job_id = job.id, .connection = "c", .tick = kTick}));
  run.state = RunState::kFailed;
  run.in_doubt = true;
  run.ended = run.started + minutes(2);
  run.duration = minutes(2);
  run.rows = 7;
  run.notices = "NOTICE: n";
  run.error = "e";
  run.sqlstate = "08006";
  Must(transaction->UpdateJobRun(run));
  const auto stored = Must(transaction->FindJobRun(run.id));
  REQUIRE(stored);
  CHECK(stored->job == "j");
  CHECK(stored->connection == "c");
  CHECK(stored->tick == kTick);
  CHECK(stored->state == RunState::kFailed);
  CHECK(stored->in_doubt);
  CHECK(stored->duration == minutes(2));
  CHECK(stored->rows == 7);
  CHECK(stored->notices == "NOTICE: n");
  CHECK(stored->error == "e");
  CHECK(stored->sqlstate == "08006");
  const auto dependents = Must(transaction->DependentsOf(c.id));
  REQUIRE(dependents.jobs.size() == 1);
  CHECK(dependents.jobs[0].id == job.id);
  CHECK(dependents.jobs[0].scheduled);
  CHECK_FALSE(dependents.jobs[0].paused);
  CHECK(dependents.jobs[0].last_run == RunState::kFailed);
  Must(transaction->DeleteJob(job.id));
  CHECK_FALSE(Must(transaction->FindJobRun(run.id)));
  Must(transaction->UpdateJobRun(run));  // it ended after its job was dropped
}

TEST_CASE("the latest runs are kept, and the oldest forgotten") {
  const Catalog catalog;
  const auto c = catalog.Add("c");
  auto transaction = catalog.Write();
  const auto job = Must(transaction->InsertJob(ScheduledJob(c.id)));
  std::int64_t last = 0;
  for (std::size_t i = 0; i < kRunsKept + 10; ++i)
    last = Must(transaction->InsertJobRun({.job_id = job.id, .connection = "c"})).id;
  const auto runs = Must(transaction->ListJobRuns(job.id, 10 * kRunsKept));
  CHECK(runs.size() == kRunsKept);
  CHECK(runs.front().id == last);
  CHECK(Must(transaction->ListJobRuns(std::nullopt, 5)).size() == 5);
}

}  // namespace
}  // namespace berth::catalog
