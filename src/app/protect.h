#pragma once

#include <signal.h>
#include <sys/resource.h>

namespace berth::app {

// What Protect() has changed, for a program that is to find things as they were.
struct ProcessState {
  rlimit core{};
  struct sigaction pipe{};
  struct sigaction file_size{};
};

// At the start of the program: no core file, which would hold passwords; a closed pipe and a file-size limit are errors
// and no end; a standard stream that was closed cannot become a catalog's or a socket's number.
ProcessState Protect();

// Before execve().
void Unprotect(const ProcessState& before);

}  // namespace berth::app
