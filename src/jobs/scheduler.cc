#include "jobs/scheduler.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/job_work.h"
#include "jobs/agenda.h"

namespace berth::jobs {
namespace {

constexpr std::chrono::milliseconds kCancelAgain{100};

struct Moment {
  Clock::Steady steady;
  Clock::Wall wall;
};

// Safe from many threads. One thread looks what is due, the others run it.
class SchedulerImpl final : public Scheduler {
 public:
  SchedulerImpl(engine::JobWork& work, SchedulerOptions options, const Clock& clock)
      : work_(work), options_(options), clock_(clock) {}

  void Begin() {
    looker_ = std::thread([this] { Look(); });
    for (std::size_t i = 0; i < std::clamp<std::size_t>(options_.runs_max, 1, kRunsMax); ++i)
      runners_.emplace_back([this] { Serve(); });
  }

  ~SchedulerImpl() override { Stop(Deadline::After(clock_, std::chrono::milliseconds(0))); }

  void Stop(Deadline drain) override {
    {
      base::MutexLock lock(mutex_);
      stopping_ = true;
      changed_.notify_all();
      queue_.clear();
      while (!running_.empty() && !drain.Passed(clock_)) clock_.WaitUntil(changed_, lock.native(), drain.time());
      while (!running_.empty()) {  // again and again: what had not begun yet has not heard it
        for (auto& [id, runner] : running_) runner->Cancel();
        clock_.WaitUntil(changed_, lock.native(), clock_.Now() + kCancelAgain);
      }
    }
    if (looker_.joinable()) looker_.join();
    for (auto& runner : runners_) {
      if (runner.joinable()) runner.join();
    }
  }

 private:
  // What changes nothing until the catalog does is not read again.
  Status Read() {
    BERTH_ASSIGN(const auto version, work_.CatalogVersion());
    if (version == version_) return {};
    BERTH_ASSIGN(scheduled_, work_.Scheduled());
    version_ = version;
    return {};
  }

  void Look() {
    base::MutexLock lock(mutex_);
    while (!stopping_) {
      lock.Unlock();
      const Moment now{.steady = clock_.Now(), .wall = clock_.WallNow()};
      const auto agenda = Agree(now.wall);
      lock.Lock();
      if (stopping_) return;
      for (const auto& due : agenda.due) {
        if (running_.size() + queue_.size() >= runners_max()) break;
        if (Busy(due.job_id)) continue;
        queue_.push_back(due);
        changed_.notify_all();
      }
      const auto seen = ended_;
      const auto wake = WakeAt(agenda, now);
      while (!stopping_ && ended_ == seen && clock_.Now() < wake) clock_.WaitUntil(changed_, lock.native(), wake);
    }
  }

  // What is due, as the catalog says it; an empty agenda where it cannot be read now.
  Agenda Agree(Clock::Wall now) {
    if (const auto read = Read(); !read.ok()) {
      if (!std::exchange(failed_, true)) log::Warn("jobs wait: the catalog cannot be read: {}", read.error().message);
      return {};
    }
    failed_ = false;
    auto agenda = AgendaOf(scheduled_, now, [&](std::int64_t id) { return work_.Running(id); });
    for (const auto id : agenda.cut_off) {
      const auto settled = work_.SettleCutOff(id);
      if (settled.ok() && settled.value()) log::Warn("a run of job {} was cut off: its process ended", NameOf(id));
    }
    return agenda;
  }

  std::string NameOf(std::int64_t id) const {
    for (const auto& job : scheduled_.jobs) {
      if (job.id == id) return base::QuoteIdentifier(job.name);
    }
    return std::to_string(id);
  }

  // As seen from the moment that the agenda is of: what has come due since then is looked for at once.
  Clock::Steady WakeAt(const Agenda& agenda, const Moment& now) const {
    auto wait = options_.look_every;
    if (agenda.next) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*agenda.next - now.wall);
      wait = std::clamp(left, std::chrono::milliseconds(1), wait);
    }
    return now.steady + wait;
  }

  bool Busy(std::int64_t job_id) const BERTH_REQUIRES(mutex_) {
    return running_.contains(job_id) ||
           std::any_of(queue_.begin(), queue_.end(), [&](const Due& due) { return due.job_id == job_id; });
  }

  std::size_t runners_max() const { return std::clamp<std::size_t>(options_.runs_max, 1, kRunsMax); }

  void Serve() {
    base::MutexLock lock(mutex_);
    while (true) {
      while (!stopping_ && queue_.empty()) clock_.WaitUntil(changed_, lock.native(), Clock::Steady::max());
      if (stopping_) return;
      const auto due = queue_.front();
      queue_.pop_front();
      const auto runner = work_.NewRunner();
      running_.emplace(due.job_id, runner.get());
      lock.Unlock();
      const bool ran = Run(due, *runner);
      lock.Lock();
      running_.erase(due.job_id);
      if (ran) ++ended_;  // else there is time until the next look
      changed_.notify_all();
    }
  }

  // False: it was not run here.
  static bool Run(const Due& due, engine::TickRunner& runner) {
    const auto end = runner.Run({.job_id = due.job_id, .tick = due.tick, .attempt = due.attempt});
    const auto name = base::QuoteIdentifier(due.job);
    if (!end.ok()) log::Warn("job {} could not be run: {}", name, end.error().message);
    if (!end.ok() || !end.value()) return false;  // or another process has it
    const auto& run = end.value()->run;
    if (run.error.empty()) {
      log::Info("job {}: run {} succeeded", name, run.id);
    } else {
      log::Warn("job {}: run {} (attempt {}) failed: {}", name, run.id, run.attempt, run.error);
    }
    return true;
  }

  engine::JobWork& work_;
  const SchedulerOptions options_;
  const Clock& clock_;

  // Of the looking thread alone.
  engine::ScheduledJobs scheduled_;
  std::int64_t version_ = -1;
  bool failed_ = false;

  base::Mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ BERTH_GUARDED_BY(mutex_) = false;
  std::deque<Due> queue_ BERTH_GUARDED_BY(mutex_);  // no longer than there are runners
  std::map<std::int64_t, engine::TickRunner*> running_ BERTH_GUARDED_BY(mutex_);
  std::uint64_t ended_ BERTH_GUARDED_BY(mutex_) = 0;

  std::thread looker_;
  std::vector<std::thread> runners_;
};

}  // namespace

std::unique_ptr<Scheduler> Scheduler::Start(engine::JobWork& work, SchedulerOptions options, const Clock& clock) {
  auto scheduler = std::make_unique<SchedulerImpl>(work, options, clock);
  scheduler->Begin();
  return scheduler;
}

}  // namespace berth::jobs
