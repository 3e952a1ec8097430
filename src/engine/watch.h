#pragma once

#include <condition_variable>
#include <set>
#include <thread>

#include "base/mutex.h"
#include "berth/deadline.h"

namespace berth::engine {

// One thread that looks once a second after what conversations hold while nobody uses them: a catalog transaction that
// was left open, a session that others wait for. Safe from many threads.
class Watch {
 public:
  class Subject {
   public:
    virtual ~Subject() = default;
    // On the watch's thread; must not block and must not add or remove subjects.
    virtual void Look(Clock::Steady now) = 0;
  };

  explicit Watch(const Clock& clock) : clock_(clock) {}
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  ~Watch();

  void Add(Subject* subject);     // the first starts the thread; one that is in already stays
  void Remove(Subject* subject);  // returns once no Look() runs on it
  void Poke();                    // all are looked after at once, not at the next second

 private:
  void Run();

  const Clock& clock_;
  base::Mutex mutex_;
  std::condition_variable changed_;
  std::set<Subject*> subjects_ BERTH_GUARDED_BY(mutex_);
  bool poked_ BERTH_GUARDED_BY(mutex_) = false;
  bool stop_ BERTH_GUARDED_BY(mutex_) = false;
  std::thread thread_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::engine
