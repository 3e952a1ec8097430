#include "shell/password_prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

#include "base/try.h"
#include "shell/progress.h"

namespace berth::shell {
namespace {

// The terminal without echo, until this dies.
class QuietTerminal {
 public:
  QuietTerminal() : fd_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    quiet_ = fd_ >= 0 && ::tcgetattr(fd_, &before_) == 0;
    if (!quiet_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    quiet.c_lflag |= ICANON;
    quiet_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  ~QuietTerminal() {
    if (quiet_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    if (fd_ >= 0) ::close(fd_);
  }
  bool quiet() const { return quiet_; }
  int fd() const { return fd_; }

  void Write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t wrote = ::write(fd_, text.data(), text.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(wrote));
    }
  }

 private:
  const int fd_;
  bool quiet_ = false;
  termios before_{};
};

// A line without its end. The terminal hands over whole lines.
Result<std::string> ReadLine(const QuietTerminal& terminal, const Interrupts& interrupts) {
  std::string line;
  line.reserve(2 * kTypedPasswordBytesMax);  // so that no copy is left behind
  for (;;) {
    std::array<pollfd, 2> polled = {{{.fd = terminal.fd(), .events = POLLIN, .revents = 0},
                                     {.fd = interrupts.wake_fd(), .events = POLLIN, .revents = 0}}};
    if (::poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) break;
    if (interrupts.pending()) return Error{.code = ErrorCode::kCancelled, .message = "no password was typed"};
    if (polled[0].revents == 0) continue;
    std::array<char, 256> buffer{};
    const ssize_t got = ::read(terminal.fd(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    line.append(buffer.data(), static_cast<std::size_t>(got));
    explicit_bzero(buffer.data(), buffer.size());
    if (line.ends_with('\n')) {
      line.pop_back();
      return line;
    }
    if (line.size() > kTypedPasswordBytesMax) break;
  }
  Wipe(line);
  return Error{.code = ErrorCode::kInvalidArgument, .message = "the password could not be read, or is too long"};
}

}  // namespace

Result<Secret> AskPassword(std::string_view connection, std::string_view user, const Interrupts& interrupts) {
  const QuietTerminal terminal;
  if (!terminal.quiet()) {
    return Error{.code = ErrorCode::kUnauthenticated,
                 .message = fmt::format(
                     "the password of connection {} is asked for at a terminal, and there is none here", connection),
                 .hint = "Give the connection a password that a program can find: ENV, FILE or COMMAND.",
                 .sqlstate = "28000"};
  }
  const ProgressPause pause;
  terminal.Write(fmt::format("Password for user {} on connection {}: ", user, connection));
  auto line = ReadLine(terminal, interrupts);
  terminal.Write("\n");
  if (!line.ok()) return std::move(line).TakeError();
  Secret password(std::move(line).value());
  if (password.empty()) return Error{.code = ErrorCode::kInvalidArgument, .message = "the password is empty"};
  return password;
}

}  // namespace berth::shell
