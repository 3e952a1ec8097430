#include "shell/diversion.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>

#include <system_error>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace berth::shell {

Result<std::unique_ptr<Diversion>> Diversion::Open(std::string_view target) {
  std::unique_ptr<Diversion> made(new Diversion());
  made->target_ = target;
  if (target.starts_with('|')) {
    BERTH_ASSIGN(auto program, Program::Start(std::string(base::Trim(target.substr(1))), Program::Pipe::kToInput));
    made->program_.emplace(std::move(program));
    made->output_ = std::make_unique<Output>(made->program_->pipe());
    return made;
  }
  made->file_ = base::UniqueFd(::open(made->target_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (made->file_.get() < 0) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("cannot write to {}: {}", target, std::generic_category().message(errno))};
  }
  made->output_ = std::make_unique<Output>(made->file_.get());
  return made;
}

Status Diversion::Close() {
  output_->Flush();
  const int error = output_->error();
  const bool closed = output_->closed();
  const int status = program_ ? program_->Wait() : 0;
  file_.Close();
  if (error != 0 && !(closed && program_)) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("cannot write to {}: {}", target_, std::generic_category().message(error))};
  }
  if (status != 0 && !closed) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("{}: the program ended with status {}", target_, status)};
  }
  return {};
}

}  // namespace berth::shell
