#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/mutex.h"
#include "berth/engine.h"
#include "berth/error.h"

namespace berth::shell {

// Ctrl-C as a fact that the program asks for: Raise() cancels the statement that runs and stays pending until Clear().
// Safe from many threads.
class Interrupts {
 public:
  Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  ~Interrupts();

  // False: one was pending already.
  bool Raise();
  // While one is pending: cancels what runs again. A cancel that came just before the statement began had no effect.
  void Repeat();
  bool pending() const { return pending_.load(std::memory_order_acquire); }
  void Clear();
  // Ctrl-C came again within a second while one was pending: the program is to end once what runs has.
  void Leave() { leaving_.store(true, std::memory_order_release); }
  bool leaving() const { return leaving_.load(std::memory_order_acquire); }
  // Readable while one is pending: for whoever waits in poll().
  int wake_fd() const { return wake_fd_; }

  // A statement runs on `conversation` while this lives: it is what Raise() cancels.
  class Running {
   public:
    Running(Interrupts& interrupts, Conversation& conversation);
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running();

   private:
    Interrupts& interrupts_;
  };

 private:
  const int wake_fd_;
  std::atomic<bool> pending_ = false;
  std::atomic<bool> leaving_ = false;
  base::Mutex mutex_;
  Conversation* running_ BERTH_GUARDED_BY(mutex_) = nullptr;
};

// Turns SIGINT into Raise(), on a thread of its own: no code of ours runs in a signal handler. Make it before any other
// thread is started, so that all have the signal blocked. Where SIGINT is ignored (nohup, a job in the background) it
// stays so.
class SignalWatcher {
 public:
  enum class Second : std::uint8_t {
    kExits,   // a second SIGINT while the first is pending ends the program with status 130
    kLeaves,  // a second SIGINT within a second of the first, which is pending, calls Leave(); if the program is still
              // there kLeaveWait later, it ends with status 130
  };
  // Errors: kInternal where the system has no descriptor or thread left.
  static Result<std::unique_ptr<SignalWatcher>> Start(Interrupts& interrupts, Second second);
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;
  ~SignalWatcher();

 private:
  SignalWatcher() = default;
  static void Watch(Interrupts& interrupts, Second second, int signal_fd, int stop_fd);

  int signal_fd_ = -1;
  int stop_fd_ = -1;
  std::thread thread_;
};

inline constexpr std::chrono::milliseconds kTwiceWithin{1'000};
inline constexpr std::chrono::milliseconds kLeaveWait{2'000};
inline constexpr int kInterruptedStatus = 130;  // what a shell reports of a program that SIGINT ended

}  // namespace berth::shell
