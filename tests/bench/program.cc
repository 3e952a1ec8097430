#include "bench/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "berth/deadline.h"

namespace berth::bench {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

pid_t Launch(const std::vector<std::string>& arguments, const std::vector<std::string>& environment, int in, int out) {
  const auto argv = Pointers(arguments);
  const auto envp = Pointers(environment);
  // Not by fork, which copies the page tables of this program on the time of the one that is measured.
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, 1);
  pid_t child = -1;
  const int failure = ::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), envp.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) throw std::runtime_error(arguments.front() + " cannot be started");
  return child;
}

std::pair<int, int> Pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  return {ends[0], ends[1]};
}

}  // namespace

Cost RunProgram(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  static const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const auto began = Clock::System().Now();
  const pid_t child = Launch(arguments, environment, null, null);
  int status = 0;
  rusage usage{};
  while (::wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  const std::chrono::duration<double, std::milli> took = Clock::System().Now() - began;
  if (status != 0) throw std::runtime_error(arguments.front() + " failed: " + arguments.back());
  const auto ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return {.ms = took.count(),
          .cpu_ms = ms(usage.ru_utime) + ms(usage.ru_stime),
          .peak_mib = static_cast<double>(usage.ru_maxrss) / 1024};
}

std::string FirstLine(const std::vector<std::string>& arguments) {
  const auto [in, out] = Pipe();
  const pid_t child = Launch(arguments, {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}, 0, out);
  ::close(out);
  std::string line;
  char c = 0;
  bool first = true;
  while (::read(in, &c, 1) == 1) {
    first = first && c != '\n';
    if (first) line += c;
  }
  ::close(in);
  ::waitpid(child, nullptr, 0);
  return line;
}

std::string OutputOf(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  const auto [in, out] = Pipe();
  const pid_t child = Launch(arguments, environment, 0, out);
  ::close(out);
  std::string output;
  std::array<char, 4096> chunk{};
  for (ssize_t got = 0; (got = ::read(in, chunk.data(), chunk.size())) > 0;) {
    output.append(chunk.data(), static_cast<std::size_t>(got));
  }
  ::close(in);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error(arguments.front() + " failed: " + output);
  return output;
}

Daemon::Daemon(const std::vector<std::string>& arguments) {
  const auto argv = Pointers(arguments);
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int fd : {0, 1, 2}) ::dup2(null, fd);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

Daemon::~Daemon() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Measurer::Measurer(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  const auto [child_in, to_child] = Pipe();
  const auto [from_child, child_out] = Pipe();
  pid_ = Launch(arguments, environment, child_in, child_out);
  ::close(child_in);
  ::close(child_out);
  in_ = from_child;
  out_ = to_child;
  version_ = ReadLine();
}

Measurer::~Measurer() {
  ::close(out_);
  ::close(in_);
  ::waitpid(pid_, nullptr, 0);
}

double Measurer::Measure() {
  return std::stod(Ask(""));
}

std::string Measurer::Ask(const std::string& line) {
  const std::string text = line + "\n";
  if (::write(out_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    throw std::runtime_error("the measurer is gone");
  }
  return ReadLine();
}

std::string Measurer::ReadLine() {
  std::string line;
  char c = 0;
  while (::read(in_, &c, 1) == 1 && c != '\n') line += c;
  if (line.empty()) throw std::runtime_error("the measurer answers nothing");
  return line;
}

}  // namespace berth::bench
