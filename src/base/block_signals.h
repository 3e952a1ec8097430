#pragma once

#include <signal.h>

namespace berth::base {

// For a thread of our own, at its start: signals are for the program's own threads, and what a closed socket or a file
// at its limit would raise here the call's error tells.
inline void BlockSignals() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace berth::base
