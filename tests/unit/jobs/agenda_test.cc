#include "jobs/agenda.h"

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <doctest/doctest.h>

namespace berth::jobs {
namespace {

using catalog::Job;
using catalog::JobRun;
using catalog::Role;
using catalog::RunState;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Clock::Wall kDay = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

Clock::Wall At(int hour, int minute, int second = 0) {
  return kDay + hours(hour) + minutes(minute) + seconds(second);
}

Job Every(std::int64_t id, milliseconds interval, Clock::Wall ticked) {
  Job job;
  job.id = id;
  job.name = "j" + std::to_string(id);
  job.plan.run_interval = interval;
  job.ticked = ticked;
  return job;
}

JobRun Ran(RunState state, Clock::Wall tick, std::int32_t attempt = 1) {
  JobRun run;
  run.state = state;
  run.tick = tick;
  run.attempt = attempt;
  run.started = tick;
  run.ended = tick + seconds(5);
  return run;
}

struct World {
  std::vector<Job> jobs;
  std::set<std::int64_t> running;
  std::map<std::int64_t, catalog::Pause> paused = {};  // connections
  Agenda Now(Clock::Wall now) const {
    return AgendaOf({.jobs = jobs, .paused = paused}, now, [this](std::int64_t id) { return running.contains(id); });
  }
  // "j1@13:15" with "#2" for a second attempt.
  std::string Due(Clock::Wall now) const {
    std::string out;
    for (const auto& due : Now(now).due) {
      const std::chrono::hh_mm_ss time(std::chrono::floor<seconds>(due.tick - kDay));
      const auto two = [](auto n) { return (n < 10 ? "0" : "") + std::to_string(n); };
      out += (out.empty() ? "" : " ") + due.job + "@" + two(time.hours().count()) + ":" + two(time.minutes().count());
      if (due.attempt > 1) out += "#" + std::to_string(due.attempt);
    }
    return out;
  }
};

Job Sync(Job job, const std::string& reads, const std::string& writes) {
  job.sync = true;
  if (!reads.empty()) job.edges.push_back({.connection_id = 1, .role = Role::kSource, .schema = "s", .table = reads});
  job.edges.push_back({.connection_id = 1, .role = Role::kTarget, .schema = "s", .table = writes});
  return job;
}

}  // namespace

TEST_CASE("a job is due at its ticks, and of those that were missed at the last") {
  World world{{Every(1, minutes(15), At(13, 0))}, {}};
  CHECK(world.Due(At(13, 14, 59)) == "");
  CHECK(world.Now(At(13, 14, 59)).next == At(13, 15));
  CHECK(world.Due(At(13, 15)) == "j1@13:15");
  CHECK(world.Due(At(13, 20)) == "j1@13:15");
  CHECK(world.Due(At(15, 50)) == "j1@15:45");
  world.jobs[0].ticked = At(13, 15);
  CHECK(world.Due(At(13, 20)) == "");
  world.jobs[0].pause = catalog::JobPause{};
  CHECK(world.Due(At(15, 50)) == "");
  CHECK(world.Now(At(15, 50)).next == std::nullopt);
}

TEST_CASE("a paused connection has its jobs wait, and what they miss is run once") {
  World world{{Every(1, minutes(15), At(13, 0))}, {}};
  world.jobs[0].connection_id = 7;
  world.paused[7] = {.at = At(13, 1), .by = "u@h test", .until = At(14, 0), .comment = {}};
  CHECK(world.Due(At(13, 50)) == "");
  CHECK(world.Now(At(13, 50)).next == At(14, 0));
  CHECK(world.Due(At(14, 1)) == "j1@14:00");
  world.paused[7].until.reset();
  CHECK(world.Due(At(14, 1)) == "");
  CHECK(world.Now(At(14, 1)).next == std::nullopt);
}

TEST_CASE("the longest due comes first") {
  const World world{{Every(1, minutes(1), At(13, 0)), Every(2, hours(1), At(12, 0)), Every(3, minutes(15), At(13, 0))},
                    {}};
  CHECK(world.Due(At(13, 16)) == "j2@13:00 j3@13:15 j1@13:16");
}

TEST_CASE("a job that runs is not due, and one whose process is gone is told of") {
  World world{{Every(1, minutes(1), At(13, 0))}, {1}};
  world.jobs[0].last_run = Ran(RunState::kRunning, At(13, 0));
  CHECK(world.Due(At(13, 5)) == "");
  CHECK(world.Now(At(13, 5)).cut_off.empty());
  world.running.clear();
  CHECK(world.Due(At(13, 5)) == "");
  CHECK(world.Now(At(13, 5)).cut_off == std::vector<std::int64_t>{1});
  world.jobs[0].pause = catalog::JobPause{};
  CHECK(world.Now(At(13, 5)).cut_off == std::vector<std::int64_t>{1});
}

TEST_CASE("failed attempts are made again, later and later, until the next tick") {
  World world{{Every(1, hours(1), At(13, 0))}, {}};
  auto& job = world.jobs[0];
  job.plan.retries = 2;
  job.plan.retry_delay = minutes(1);
  job.last_run = Ran(RunState::kFailed, At(13, 0));
  CHECK(world.Due(At(13, 1, 4)) == "");
  CHECK(world.Now(At(13, 1, 4)).next == At(13, 1, 5));
  CHECK(world.Due(At(13, 1, 5)) == "j1@13:00#2");
  job.last_run = Ran(RunState::kFailed, At(13, 0), 2);
  CHECK(world.Due(At(13, 2, 4)) == "");
  CHECK(world.Due(At(13, 2, 5)) == "j1@13:00#3");
  CHECK(world.Due(At(14, 0)) == "j1@14:00");
  job.last_run = Ran(RunState::kFailed, At(13, 0), 3);
  CHECK(world.Due(At(13, 59)) == "");
  job.last_run = Ran(RunState::kFailed, At(13, 0), 1);
  job.last_run->tick.reset();  // RUN JOB is not made again
  CHECK(world.Due(At(13, 59)) == "");
}

TEST_CASE("what is in doubt is not done again; what was never sent is") {
  World world{{Every(1, hours(1), At(13, 0))}, {}};
  auto& job = world.jobs[0];
  job.plan.retries = 5;
  job.last_run = Ran(RunState::kFailed, At(13, 0));
  job.last_run->in_doubt = true;
  CHECK(world.Due(At(13, 59)) == "");
  CHECK(world.Due(At(14, 0)) == "j1@14:00");
  job.plan.retries = 0;
  job.last_run = Ran(RunState::kAbandoned, At(13, 0));
  CHECK(world.Due(At(13, 1)) == "j1@13:00");
}

TEST_CASE("the delay doubles and has an end") {
  catalog::JobPlan plan;
  plan.retry_delay = seconds(30);
  CHECK(RetryDelay(plan, 1) == seconds(30));
  CHECK(RetryDelay(plan, 2) == seconds(60));
  CHECK(RetryDelay(plan, 5) == seconds(480));
  CHECK(RetryDelay(plan, 20) == kRetryDelayMax);
}

TEST_CASE("a SYNC job waits for those that write what it reads") {
  World world{{Sync(Every(1, minutes(5), At(13, 0)), "", "raw"), Sync(Every(2, minutes(5), At(13, 0)), "raw", "sums")},
              {}};
  auto& load = world.jobs[0];
  auto& sum = world.jobs[1];
  CHECK(world.Due(At(13, 5)) == "j1@13:05");  // has not done 13:05 yet
  load.ticked = At(13, 5);
  load.last_run = Ran(RunState::kRunning, At(13, 5));
  world.running = {1};
  CHECK(world.Due(At(13, 6)) == "");
  world.running.clear();
  load.last_run = Ran(RunState::kFailed, At(13, 5));
  CHECK(world.Due(At(13, 6)) == "");
  load.last_run = Ran(RunState::kSucceeded, At(13, 5));
  CHECK(world.Due(At(13, 6)) == "j2@13:05");
  // Not of its business: other tables, jobs that are paused or not SYNC.
  load.ticked = At(13, 0);
  load.edges[0].table = "other";
  CHECK(world.Due(At(13, 6)) == "j1@13:05 j2@13:05");
  load.edges[0].table = "raw";
  load.pause = catalog::JobPause{};
  CHECK(world.Due(At(13, 6)) == "j2@13:05");
  load.pause.reset();
  load.sync = false;
  CHECK(world.Due(At(13, 6)) == "j1@13:05 j2@13:05");
  load.sync = true;
  sum.sync = false;
  CHECK(world.Due(At(13, 6)) == "j1@13:05 j2@13:05");
}

TEST_CASE("SYNC jobs that wait for one another in a circle do not wait for ever") {
  const World world{{Sync(Every(1, minutes(5), At(13, 0)), "c", "a"), Sync(Every(2, minutes(5), At(13, 0)), "a", "b"),
                     Sync(Every(3, minutes(5), At(13, 0)), "b", "c"), Sync(Every(4, minutes(5), At(13, 0)), "c", "d")},
                    {}};
  CHECK(world.Due(At(13, 5)) == "j1@13:05 j2@13:05 j3@13:05");  // the fourth stands behind the circle
}

}  // namespace berth::jobs
