#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <functional>
#include <string>

#include <doctest/doctest.h>

// Work in a process of its own. A catalog must be opened in the child, never before the fork: SQLite's locks do not
// survive one.
namespace berth::catalog {

class Child {
 public:
  explicit Child(const std::function<int()>& work) : pid_((std::fflush(nullptr), ::fork())) {
    if (pid_ == 0) ::_exit(work());
    REQUIRE(pid_ > 0);
  }
  Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  Child& operator=(Child&&) = delete;
  ~Child() {
    if (pid_ > 0) Wait();
  }
  pid_t pid() const { return pid_; }
  // Its exit status, or minus the signal that ended it.
  int Wait() {
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

 private:
  pid_t pid_;
};

// Single bytes from one process to another.
class Pipe {
 public:
  Pipe() { REQUIRE(::pipe(ends_.data()) == 0); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    CloseWriter();
    ::close(ends_[0]);
  }
  bool Send() const { return ::write(ends_[1], "x", 1) == 1; }
  // False: all who could send are gone.
  bool Receive() const {
    char byte = 0;
    return ::read(ends_[0], &byte, 1) == 1;
  }
  void CloseWriter() {
    if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

// In a child: a word for the person who reads the failed test, and an exit status.
inline int Complain(const std::string& what) {
  std::fprintf(stderr, "child: %s\n", what.c_str());
  return 1;
}

}  // namespace berth::catalog
