#pragma once

#include <mutex>

// std::mutex with Clang's thread-safety annotations; other compilers see the plain types. Fields say
// BERTH_GUARDED_BY(mutex_) and the tsan preset (Clang) checks it.
#if defined(__clang__)
#define BERTH_TSA(x) __attribute__((x))
#else
#define BERTH_TSA(x)
#endif
#define BERTH_GUARDED_BY(x) BERTH_TSA(guarded_by(x))
#define BERTH_REQUIRES(...) BERTH_TSA(requires_capability(__VA_ARGS__))
#define BERTH_EXCLUDES(...) BERTH_TSA(locks_excluded(__VA_ARGS__))

namespace berth::base {

class BERTH_TSA(capability("mutex")) Mutex {
 public:
  void lock() BERTH_TSA(acquire_capability()) { mutex_.lock(); }
  void unlock() BERTH_TSA(release_capability()) { mutex_.unlock(); }
  bool try_lock() BERTH_TSA(try_acquire_capability(true)) { return mutex_.try_lock(); }

 private:
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds a Mutex for a scope. native() is for Clock::WaitUntil only.
class BERTH_TSA(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) BERTH_TSA(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;
  ~MutexLock() BERTH_TSA(release_capability()) {}  // NOLINT(modernize-use-equals-default): it carries the annotation

  void Unlock() BERTH_TSA(release_capability()) { lock_.unlock(); }
  void Lock() BERTH_TSA(acquire_capability()) { lock_.lock(); }
  std::unique_lock<std::mutex>& native() { return lock_; }

 private:
  std::unique_lock<std::mutex> lock_;
};

}  // namespace berth::base
