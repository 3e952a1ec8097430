#include "shell/copy_input.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace berth::shell {
namespace {

constexpr int kLookMs = 1'000;  // between two looks at the deadline

Error Interrupted() {
  return Error{.code = ErrorCode::kCancelled, .message = "canceling statement due to user request"};
}

}  // namespace

Result<std::unique_ptr<CopyInput>> CopyInput::Open(std::string_view source, const Interrupts& interrupts,
                                                   const Clock& clock, Deadline deadline) {
  const std::string name(source.empty() ? "standard input" : source);
  std::unique_ptr<CopyInput> made(new CopyInput(name, interrupts, clock, deadline));
  if (source.starts_with('|')) {
    BERTH_ASSIGN(auto program, Program::Start(std::string(base::Trim(source.substr(1))), Program::Pipe::kFromOutput));
    made->program_.emplace(std::move(program));
    made->fd_ = made->program_->pipe();
    return made;
  }
  made->fd_ = STDIN_FILENO;
  if (!source.empty()) {
    made->file_ = base::UniqueFd(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
    made->fd_ = made->file_.get();
    if (made->fd_ < 0) return made->Unreadable();
  }
  struct stat facts{};
  if (::fstat(made->fd_, &facts) == 0 && S_ISREG(facts.st_mode)) made->size_ = static_cast<std::size_t>(facts.st_size);
  return made;
}

Error CopyInput::Unreadable() const {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("cannot read {}: {}", source_, std::generic_category().message(errno))};
}

Status CopyInput::Await() const {
  while (true) {
    std::array<pollfd, 2> wait{
        {{.fd = fd_, .events = POLLIN, .revents = 0}, {.fd = interrupts_.wake_fd(), .events = POLLIN, .revents = 0}}};
    if (::poll(wait.data(), wait.size(), kLookMs) < 0 && errno != EINTR) return Unreadable();
    if (interrupts_.pending()) return Interrupted();
    if (deadline_.Passed(clock_)) {
      return Error{.code = ErrorCode::kDeadlineExceeded,
                   .message = fmt::format("\\copy: the timeout passed before {} had come to its end", source_)};
    }
    if (wait[0].revents != 0) return {};
  }
}

Result<std::string_view> CopyInput::Next() {
  while (true) {
    BERTH_TRY(Await());
    const auto got = ::read(fd_, piece_.data(), piece_.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return Unreadable();
    read_ += static_cast<std::size_t>(got);
    if (got > 0) return std::string_view(piece_.data(), static_cast<std::size_t>(got));
    const int status = program_ ? program_->Wait() : 0;
    if (status == 0) return std::string_view();
    if (status == kInterruptedStatus) return Interrupted();  // the Ctrl-C was the program's as well
    return Error{
        .code = ErrorCode::kInvalidArgument,
        .message = fmt::format("{}: the program ended with status {}; none of its rows was taken", source_, status)};
  }
}

std::optional<double> CopyInput::part() const {
  if (size_ == 0) return std::nullopt;
  return std::min(1.0, static_cast<double>(read_) / static_cast<double>(size_));
}

}  // namespace berth::shell
