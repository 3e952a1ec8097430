#include "credentials/run_command.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "base/unique_fd.h"

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace berth::credentials {
namespace {

Error Failed(std::string message, std::string detail = {}) {
  return Error{.code = ErrorCode::kUnauthenticated,
               .message = std::move(message),
               .detail = std::move(detail),
               .hint =
                   "Run the command by hand: it is to print the password, or the JSON of the AWS command line, and "
                   "nothing else.",
               .sqlstate = "28000"};
}

std::string Reason(int error) {
  return std::generic_category().message(error);
}

struct Pipe {
  base::UniqueFd read, write;
  bool Open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read = base::UniqueFd(ends[0]);
    write = base::UniqueFd(ends[1]);
    return ::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
  }
};

// A child in a process group of its own; killed and reaped if it is still there when this dies.
class Child {
 public:
  Child() = default;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  int Start(const std::vector<std::string>& words, const Pipe& out, const Pipe& err) {
    std::vector<char*> arguments;
    for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, err.write.get(), STDERR_FILENO);
    sigset_t none;
    sigset_t defaults;
    ::sigemptyset(&none);
    ::sigemptyset(&defaults);
    ::sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const int error = ::posix_spawn(&pid_, arguments[0], &actions, &attributes, arguments.data(), environ);
    if (error != 0) pid_ = 0;
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  // A descriptor that becomes readable when the child has ended; -1 with errno.
  int OpenEnd() const { return static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)); }
  int Reap() {
    int status = 0;
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return status;
  }

 private:
  pid_t pid_ = 0;
};

// Reads what is there; false at the end of file. What goes beyond `most` is dropped, but its coming is seen in `more`.
bool Drain(int fd, std::string& into, std::size_t most, bool& more) {
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    const auto length = static_cast<std::size_t>(got);
    const std::size_t room = most - into.size();
    into.append(buffer.data(), std::min(length, room));
    explicit_bzero(buffer.data(), length);
    if (length > room) more = true;
    if (more) return true;
  }
}

struct Printed {
  std::string out, err;
  bool too_much = false;
  ~Printed() { Wipe(out); }
};

// The child's two pipes, and what is readable once it has ended; -1: at its end.
using Polled = std::array<pollfd, 3>;

Status Await(Polled& polled, const std::string& program, const Clock& clock, Deadline deadline) {
  if (deadline.Passed(clock)) {
    return Failed(fmt::format("the password command {} did not end within {} s", program, kCommandMax.count() / 1000));
  }
  if (::poll(polled.data(), polled.size(), static_cast<int>(deadline.Left(clock).count())) < 0) {
    if (errno != EINTR) {
      return Failed(fmt::format("the password command {} cannot be read: {}", program, Reason(errno)));
    }
    for (auto& one : polled) one.revents = 0;
  }
  return {};
}

void Take(Polled& polled, bool all, Printed& printed) {
  bool ignored = false;
  if ((all || polled[0].revents != 0) && polled[0].fd >= 0 &&
      !Drain(polled[0].fd, printed.out, kCommandOutputBytesMax, printed.too_much)) {
    polled[0].fd = -1;
  }
  if ((all || polled[1].revents != 0) && polled[1].fd >= 0 &&
      !Drain(polled[1].fd, printed.err, kCommandErrorBytesMax, ignored)) {
    polled[1].fd = -1;
  }
}

// Reads until the child has ended; an error if that takes too long or prints too much. What it printed is in the pipes
// by then; a child of its own that keeps them open is not waited for.
Status ReadAll(const std::string& program, Polled polled, Printed& printed, const Clock& clock, Deadline deadline) {
  for (bool ended = false; !ended;) {
    BERTH_TRY(Await(polled, program, clock, deadline));
    ended = polled[2].revents != 0;
    Take(polled, ended, printed);
    if (printed.too_much) {
      return Failed(fmt::format("the password command {} printed more than {} bytes", program, kCommandOutputBytesMax));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> SplitCommand(std::string_view line) {
  const auto refuse = [](std::string message) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = std::move(message),
                 .hint =
                     "COMMAND '/usr/bin/aws redshift get-cluster-credentials ..': the program's absolute path, then "
                     "its arguments; "
                     "double quotes around those that hold spaces."};
  };
  std::vector<std::string> words;
  bool in_word = false;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
      if (!in_word) words.emplace_back();
      in_word = true;
    } else if (!quoted && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
      in_word = false;
    } else {
      if (!in_word) words.emplace_back();
      in_word = true;
      words.back() += c;
    }
  }
  if (quoted) return refuse("the password command has a double quote that is not closed");
  if (words.empty()) return refuse("the password command is empty");
  if (words.size() > kCommandWordsMax)
    return refuse(
        fmt::format("the password command has {} words; at most {} are taken", words.size(), kCommandWordsMax));
  if (words.front().empty() || words.front()[0] != '/')
    return refuse("the password command does not begin with the absolute path of a program");
  return words;
}

Result<Secret> RunCommand(const std::vector<std::string>& words, const Clock& clock, Deadline deadline) {
  deadline = Deadline::After(clock, kCommandMax).Sooner(deadline);
  const std::string& program = words.front();
  Pipe out;
  Pipe err;
  if (!out.Open() || !err.Open())
    return Failed(fmt::format("the password command {} cannot be run: {}", program, Reason(errno)));
  Child child;
  if (const int error = child.Start(words, out, err); error != 0) {
    return Failed(fmt::format("the password command {} cannot be run: {}", program, Reason(error)));
  }
  out.write.Close();
  err.write.Close();
  const base::UniqueFd end(child.OpenEnd());
  if (end.get() < 0)
    return Failed(fmt::format("the password command {} cannot be watched: {}", program, Reason(errno)));
  Printed printed;
  const Polled polled = {{{.fd = out.read.get(), .events = POLLIN, .revents = 0},
                          {.fd = err.read.get(), .events = POLLIN, .revents = 0},
                          {.fd = end.get(), .events = POLLIN, .revents = 0}}};
  BERTH_TRY(ReadAll(program, polled, printed, clock, deadline));
  const int status = child.Reap();
  const auto said = std::string(base::Trim(printed.err));
  if (WIFSIGNALED(status))
    return Failed(fmt::format("the password command {} was killed by signal {}", program, WTERMSIG(status)), said);
  if (WEXITSTATUS(status) != 0)
    return Failed(fmt::format("the password command {} ended with status {}", program, WEXITSTATUS(status)), said);
  if (printed.out.empty()) return Failed(fmt::format("the password command {} printed nothing", program), said);
  return Secret(std::move(printed.out));
}

}  // namespace berth::credentials
