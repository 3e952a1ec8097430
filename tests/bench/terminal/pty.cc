#include "bench/terminal/pty.h"

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>

#include "berth/deadline.h"

namespace berth::bench {
namespace {

constexpr int kPatienceMs = 10'000;
constexpr int kQuietMs = 3;  // so long without a byte: the echo is complete

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Pty::Pty(const std::vector<std::string>& arguments, const std::vector<std::string>& environment) {
  const auto argv = Pointers(arguments);
  const auto envp = Pointers(environment);
  const winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
  pid_ = ::forkpty(&fd_, nullptr, nullptr, &size);
  if (pid_ < 0) throw std::runtime_error("forkpty failed");
  if (pid_ > 0) return;
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

Pty::~Pty() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(fd_);
}

void Pty::Type(std::string_view keys) const {
  if (::write(fd_, keys.data(), keys.size()) != static_cast<ssize_t>(keys.size())) {
    throw std::runtime_error("cannot type");
  }
}

bool Pty::Read(int wait_ms) {
  pollfd wait{.fd = fd_, .events = POLLIN, .revents = 0};
  if (::poll(&wait, 1, wait_ms) <= 0) return false;
  std::array<char, 4096> chunk{};
  const auto got = ::read(fd_, chunk.data(), chunk.size());
  if (got <= 0) throw std::runtime_error("the program has ended: " + seen_);
  seen_.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

void Pty::Await(const std::vector<std::string_view>& texts) {
  while (true) {
    for (const auto text : texts) {
      const auto at = seen_.find(text);
      if (at == std::string::npos) continue;
      seen_.erase(0, at + text.size());
      return;
    }
    if (!Read(kPatienceMs)) throw std::runtime_error("this is all that came: " + seen_);
  }
}

double Pty::KeyToEcho(char key) {
  while (Read(kQuietMs)) {
  }
  const auto began = Clock::System().Now();
  Type({&key, 1});
  if (!Read(kPatienceMs)) throw std::runtime_error("a key had no echo");
  const std::chrono::duration<double, std::milli> took = Clock::System().Now() - began;
  seen_.clear();
  return took.count();
}

}  // namespace berth::bench
