#include "jobs/scheduler.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "support/manual_clock.h"

namespace berth::jobs {
namespace {

using catalog::Job;
using catalog::RunState;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// A catalog in memory that several schedulers share, as processes share one: a tick is taken once. Runs go on until
// Finish().
class FakeCatalog {
 public:
  explicit FakeCatalog(const Clock& clock) : clock_(clock) {}

  void Add(std::int64_t id, milliseconds interval) {
    const std::lock_guard lock(mutex_);
    Job job;
    job.id = id;
    job.name = "j" + std::to_string(id);
    job.plan.run_interval = interval;
    job.ticked = clock_.WallNow();
    jobs_[id] = job;
    ++version_;
  }
  // A run of it is under way in another process.
  void AddRunning(std::int64_t id, milliseconds interval) {
    Add(id, interval);
    const std::lock_guard lock(mutex_);
    jobs_[id].last_run = catalog::JobRun{.job_id = id, .tick = clock_.WallNow(), .state = RunState::kRunning};
  }
  // Waits until so many runs have begun, and some more have not; how many have.
  int Begun(int least) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(20), [&] { return begun_ >= least; });
    return begun_;
  }
  int at_most() const {
    const std::lock_guard lock(mutex_);
    return at_most_;
  }
  int cancelled() const {
    const std::lock_guard lock(mutex_);
    return cancelled_;
  }
  void Finish(int runs) {
    const std::lock_guard lock(mutex_);
    finish_ += runs;
    changed_.notify_all();
  }

 private:
  friend class FakeWork;
  friend class FakeRunner;

  bool Take(const engine::JobRequest& request) {
    const std::lock_guard lock(mutex_);
    auto& job = jobs_.at(request.job_id);
    if (job.ticked >= *request.tick || (job.last_run && job.last_run->open())) return false;
    job.ticked = request.tick;
    job.last_run = catalog::JobRun{.job_id = job.id, .tick = request.tick, .state = RunState::kRunning};
    ++version_;
    ++begun_;
    at_most_ = std::max(at_most_, ++running_);
    changed_.notify_all();
    return true;
  }
  void End(std::int64_t id, bool failed) {
    auto& run = *jobs_.at(id).last_run;
    run.state = failed ? RunState::kFailed : RunState::kSucceeded;
    run.ended = clock_.WallNow();
    ++version_;
    --running_;
    changed_.notify_all();
  }

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, Job> jobs_;
  std::int64_t version_ = 0;
  int begun_ = 0, running_ = 0, at_most_ = 0, finish_ = 0, cancelled_ = 0;
};

class FakeRunner final : public engine::TickRunner {
 public:
  explicit FakeRunner(FakeCatalog& catalog) : catalog_(catalog) {}
  Result<std::optional<engine::JobEnd>> Run(const engine::JobRequest& request) override {
    if (!catalog_.Take(request)) return std::optional<engine::JobEnd>();
    std::unique_lock lock(catalog_.mutex_);
    catalog_.changed_.wait(lock, [&] { return cancelled_ || catalog_.finish_ > 0; });
    if (!cancelled_) --catalog_.finish_;
    catalog_.End(request.job_id, cancelled_);
    return std::optional(engine::JobEnd{.run = *catalog_.jobs_.at(request.job_id).last_run, .error = {}});
  }
  void Cancel() override {
    const std::lock_guard lock(catalog_.mutex_);
    if (!std::exchange(cancelled_, true)) ++catalog_.cancelled_;
    catalog_.changed_.notify_all();
  }

 private:
  FakeCatalog& catalog_;
  bool cancelled_ = false;
};

class FakeWork final : public engine::JobWork {
 public:
  explicit FakeWork(FakeCatalog& catalog) : catalog_(catalog) {}
  Result<engine::ScheduledJobs> Scheduled() override {
    const std::lock_guard lock(catalog_.mutex_);
    engine::ScheduledJobs scheduled;
    for (const auto& [id, job] : catalog_.jobs_) scheduled.jobs.push_back(job);
    return scheduled;
  }
  bool Running(std::int64_t) override {
    if (on_running) on_running();
    return true;
  }
  Result<bool> SettleCutOff(std::int64_t) override { return false; }
  Result<std::int64_t> CatalogVersion() override {
    const std::lock_guard lock(catalog_.mutex_);
    return catalog_.version_;
  }
  std::unique_ptr<engine::TickRunner> NewRunner() override { return std::make_unique<FakeRunner>(catalog_); }

  std::function<void()> on_running;  // what happens while the scheduler looks

 private:
  FakeCatalog& catalog_;
};

struct World {
  test::ManualClock clock;
  FakeCatalog catalog{clock};
  FakeWork work{catalog};
};

// Long enough for a scheduler to have looked: it wakes as the clock passes its time, and at least every 20 ms.
void LetLook(test::ManualClock& clock) {
  for (int i = 0; i < 5; ++i) {
    clock.Advance(milliseconds(1));
    std::mutex mutex;
    std::condition_variable nobody;
    std::unique_lock lock(mutex);
    nobody.wait_for(lock, milliseconds(20));
  }
}

}  // namespace

TEST_CASE("each tick is run once, however many schedulers there are") {
  World world;
  for (int id = 1; id <= 3; ++id) world.catalog.Add(id, minutes(1));
  world.catalog.Finish(1'000);
  std::vector<std::unique_ptr<Scheduler>> schedulers;
  for (int i = 0; i < 4; ++i) schedulers.push_back(Scheduler::Start(world.work, {}, world.clock));
  LetLook(world.clock);
  CHECK(world.catalog.Begun(0) == 0);
  for (int tick = 1; tick <= 5; ++tick) {
    world.clock.Advance(minutes(1));
    CHECK(world.catalog.Begun(3 * tick) == 3 * tick);
    LetLook(world.clock);
    CHECK(world.catalog.Begun(3 * tick) == 3 * tick);
  }
  for (auto& scheduler : schedulers) scheduler->Stop(Deadline::Never());
}

TEST_CASE("a job does not overlap itself, and what it misses meanwhile is run once") {
  World world;
  world.catalog.Add(1, minutes(1));
  const auto scheduler = Scheduler::Start(world.work, {.runs_max = 4}, world.clock);
  world.clock.Advance(minutes(1));
  CHECK(world.catalog.Begun(1) == 1);
  world.clock.Advance(minutes(5));
  LetLook(world.clock);
  CHECK(world.catalog.Begun(1) == 1);
  world.catalog.Finish(1);
  CHECK(world.catalog.Begun(2) == 2);
  LetLook(world.clock);
  CHECK(world.catalog.Begun(2) == 2);
  world.catalog.Finish(1);
  scheduler->Stop(Deadline::Never());
  CHECK(world.catalog.at_most() == 1);
}

TEST_CASE("a tick that comes due while the scheduler looks is not slept through") {
  World world;
  world.catalog.Add(1, minutes(1));
  world.catalog.AddRunning(2, minutes(1));
  std::atomic<bool> advanced = false;
  world.work.on_running = [&] {
    if (!advanced.exchange(true)) world.clock.Advance(minutes(1));
  };
  const auto scheduler = Scheduler::Start(world.work, {}, world.clock);
  CHECK(world.catalog.Begun(1) == 1);
  world.catalog.Finish(1);
  scheduler->Stop(Deadline::Never());
}

TEST_CASE("no more runs at a time than runs_max") {
  World world;
  for (int id = 1; id <= 5; ++id) world.catalog.Add(id, minutes(1));
  const auto scheduler = Scheduler::Start(world.work, {.runs_max = 2}, world.clock);
  world.clock.Advance(minutes(1));
  CHECK(world.catalog.Begun(2) == 2);
  LetLook(world.clock);
  CHECK(world.catalog.Begun(2) == 2);
  world.catalog.Finish(5);
  CHECK(world.catalog.Begun(5) == 5);
  scheduler->Stop(Deadline::Never());
  CHECK(world.catalog.at_most() == 2);
}

TEST_CASE("stopping lets runs end until its deadline, and cancels the others") {
  World world;
  for (int id = 1; id <= 2; ++id) world.catalog.Add(id, minutes(1));
  const auto scheduler = Scheduler::Start(world.work, {}, world.clock);
  world.clock.Advance(minutes(1));
  CHECK(world.catalog.Begun(2) == 2);
  world.catalog.Finish(1);
  scheduler->Stop(Deadline::After(world.clock, milliseconds(0)));
  CHECK(world.catalog.cancelled() >= 1);
  CHECK(world.catalog.Begun(2) == 2);
}

}  // namespace berth::jobs
