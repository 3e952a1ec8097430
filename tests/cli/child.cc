#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <utility>

#include <doctest/doctest.h>

#include "support/places.h"

namespace berth::test {
namespace {

constexpr int kUntilTries = 1'000;
constexpr int kUntilWaitMs = 20;

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

struct Pipe {
  Pipe() { REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0); }
  std::array<int, 2> ends{-1, -1};
};

}  // namespace

std::vector<std::string> Home::Environment(const std::string& locale) const {
  const std::string at = path().string();
  return {"PATH=/usr/bin:/bin",
          "HOME=" + at,
          "LANG=" + locale,
          "TERM=xterm",
          "PAGER=",  // BERTH_PAGER, which comes before it, is for the tests of it
          "XDG_DATA_HOME=" + at + "/data",
          "XDG_STATE_HOME=" + at + "/state",
          "BERTH_SYSTEM_FOLDER=" + at + "/system"};
}

std::string Home::Write(const std::string& name, std::string_view text) const {
  const std::string file = *this / name;
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

Child::Child(const Home& home, const Options& options) {
  auto arguments = options.arguments;
  arguments.insert(arguments.begin(), Program());
  arguments.insert(arguments.begin(), options.wrapper.begin(), options.wrapper.end());
  auto environment = home.Environment(options.kind.locale);
  environment.insert(environment.end(), options.more_environment.begin(), options.more_environment.end());
  auto argv = Pointers(arguments);
  auto envp = Pointers(environment);

  if (options.terminal) {
    const auto columns = static_cast<unsigned short>(options.kind.columns);
    const winsize size{.ws_row = 40, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    int master = -1;
    pid_ = ::forkpty(&master, nullptr, nullptr, &size);
    if (pid_ == 0) {
      ::execve(argv[0], argv.data(), envp.data());
      ::_exit(127);
    }
    REQUIRE(pid_ > 0);
    ::fcntl(master, F_SETFD, FD_CLOEXEC);
    input_ = ::fcntl(master, F_DUPFD_CLOEXEC, 0);
    output_.fd = master;
    return;
  }
  const Pipe in;
  const Pipe out;
  const Pipe err;
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(in.ends[0], STDIN_FILENO);
    ::dup2(out.ends[1], STDOUT_FILENO);
    ::dup2(err.ends[1], STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  REQUIRE(pid_ > 0);
  ::close(in.ends[0]);
  ::close(out.ends[1]);
  ::close(err.ends[1]);
  input_ = in.ends[1];
  output_.fd = out.ends[0];
  error_.fd = err.ends[0];
}

Child::~Child() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (const int fd : {input_, output_.fd, error_.fd}) {
    if (fd >= 0) ::close(fd);
  }
}

void Child::Type(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(input_, text.data(), text.size());
    REQUIRE(written > 0);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Child::CloseInput() {
  if (input_ >= 0) ::close(std::exchange(input_, -1));
}

void Child::CloseOutput() {
  ::close(std::exchange(output_.fd, -1));
}

void Child::Take(Stream& stream) {
  std::array<char, 65536> chunk;
  const auto got = ::read(stream.fd, chunk.data(), chunk.size());
  if (got > 0) {
    stream.text.append(chunk.data(), static_cast<std::size_t>(got));
  } else if (got == 0 || errno == EIO) {  // EIO: nobody has the terminal open any more
    ::close(std::exchange(stream.fd, -1));
  }
}

bool Child::Pump(int wait_ms) {
  if (output_.fd < 0 && error_.fd < 0) return false;
  std::array<pollfd, 2> wait{
      {{.fd = output_.fd, .events = POLLIN, .revents = 0}, {.fd = error_.fd, .events = POLLIN, .revents = 0}}};
  const int ready = ::poll(wait.data(), wait.size(), wait_ms);
  if (ready <= 0) return ready < 0 && errno == EINTR;
  if (wait[0].revents != 0) Take(output_);
  if (wait[1].revents != 0) Take(error_);
  return true;
}

void Child::Await(Stream& stream, std::string_view text) {
  while (true) {
    const auto found = stream.text.find(text, stream.seen);
    if (found != std::string::npos) {
      stream.seen = found + text.size();
      return;
    }
    const bool came = Pump(kWaitMs);
    REQUIRE_MESSAGE(came, "no \"", std::string(text), "\" in: ", stream.text.substr(stream.seen),
                    "\nerrors: ", error_.text);
  }
}

void Child::AwaitOutput(std::string_view text) {
  Await(output_, text);
}
void Child::AwaitError(std::string_view text) {
  Await(error_, text);
}

void Child::Signal(int signal) const {
  REQUIRE(::kill(pid_, signal) == 0);
}

int Child::Wait() {
  while (Pump(kWaitMs)) {
  }
  REQUIRE_MESSAGE(output_.fd < 0, "the program does not end; so far: ", output_.text, error_.text);
  int status = 0;
  REQUIRE(::waitpid(std::exchange(pid_, -1), &status, 0) > 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Ran Run(const Home& home, std::vector<std::string> arguments, std::string_view input) {
  Child child(home, {.arguments = std::move(arguments)});
  if (!input.empty()) child.Type(input);
  child.CloseInput();
  const int status = child.Wait();
  return {.status = status, .output = child.output(), .error = child.error()};
}

void Until(const std::function<bool()>& so) {
  for (int i = 0; i < kUntilTries; ++i) {
    if (so()) return;
    ::poll(nullptr, 0, kUntilWaitMs);
  }
  FAIL("it did not come to be so");
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace berth::test
