#include "shell/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

namespace berth::shell {
namespace {

// A child starts with SIGINT as it comes and a SIGPIPE that ends it; this process blocks one and ignores the other.
class Attributes {
 public:
  Attributes() {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_init(&actions_);
    sigset_t none;
    sigemptyset(&none);
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &usual);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  ~Attributes() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  posix_spawnattr_t* attributes() { return &attributes_; }
  posix_spawn_file_actions_t* actions() { return &actions_; }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

std::vector<std::string> EnvironmentWith(const std::vector<std::string>& more) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  const std::size_t own = all.size();
  for (const auto& entry : more) {
    const auto name = std::string_view(entry).substr(0, entry.find('=') + 1);
    bool set = false;
    for (std::size_t i = 0; i < own; ++i) set = set || all[i].starts_with(name);
    if (!set) all.push_back(entry);
  }
  return all;
}

Error CannotStart(const std::string& command, int number) {
  return Error{.message = "cannot start \"" + command + "\": " + std::generic_category().message(number)};
}

}  // namespace

Result<Program> Program::Start(const std::string& command, Pipe pipe,
                               const std::vector<std::string>& more_environment) {
  std::array<int, 2> ends{-1, -1};
  if (pipe != Pipe::kNone && ::pipe2(ends.data(), O_CLOEXEC) != 0) return CannotStart(command, errno);
  base::UniqueFd reader(ends[0]);
  base::UniqueFd writer(ends[1]);
  Attributes with;
  if (pipe == Pipe::kToInput) ::posix_spawn_file_actions_adddup2(with.actions(), reader.get(), STDIN_FILENO);
  if (pipe == Pipe::kFromOutput) ::posix_spawn_file_actions_adddup2(with.actions(), writer.get(), STDOUT_FILENO);
  std::array<std::string, 3> words{"sh", "-c", command};
  std::array<char*, 4> argv{words[0].data(), words[1].data(), words[2].data(), nullptr};
  auto variables = EnvironmentWith(more_environment);
  std::vector<char*> envp;
  for (auto& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, "/bin/sh", with.actions(), with.attributes(), argv.data(), envp.data());
  if (failed != 0) return CannotStart(command, failed);
  return Program(pid, std::move(pipe == Pipe::kFromOutput ? reader : writer));
}

Program::Program(Program&& other) noexcept : pid_(std::exchange(other.pid_, -1)), pipe_(std::move(other.pipe_)) {}

Program::~Program() {
  Wait();
}

int Program::Wait() {
  pipe_.Close();
  if (pid_ < 0) return 0;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace berth::shell
