#include "bench/program.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child > 0) return child;
  if (::dup2(in, 0) < 0 || ::dup2(out, 1) < 0) ::_exit(126);
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
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
  if (::write(out_, "\n", 1) != 1) throw std::runtime_error("the measurer is gone");
  return std::stod(ReadLine());
}

std::string Measurer::ReadLine() {
  std::string line;
  char c = 0;
  while (::read(in_, &c, 1) == 1 && c != '\n') line += c;
  if (line.empty()) throw std::runtime_error("the measurer answers nothing");
  return line;
}

}  // namespace berth::bench
