#pragma once

#include <signal.h>

#include <initializer_list>

namespace berth::app {

// Blocked before any thread starts, and read here: no code of ours runs in a handler.
class Signals {
 public:
  Signals() {
    ::sigemptyset(&set_);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&set_, signal);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  int Next() const {
    int signal = 0;
    return ::sigwait(&set_, &signal) == 0 ? signal : SIGTERM;
  }

 private:
  sigset_t set_{};
};

}  // namespace berth::app
