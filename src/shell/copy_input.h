#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/unique_fd.h"
#include "berth/deadline.h"
#include "berth/error.h"
#include "shell/interrupts.h"
#include "shell/program.h"

namespace berth::shell {

// What \copy .. from reads: a file, a program's output or standard input, piece by piece. One thread.
class CopyInput {
 public:
  static constexpr std::size_t kPieceBytes = 64 * 1024;

  // "FILE", "|PROGRAM", or empty for standard input. Waiting for bytes ends with an interrupt and with the deadline.
  // Errors: kInvalidArgument (which file, and why).
  static Result<std::unique_ptr<CopyInput>> Open(std::string_view source, const Interrupts& interrupts,
                                                 const Clock& clock, Deadline deadline);
  CopyInput(const CopyInput&) = delete;
  CopyInput& operator=(const CopyInput&) = delete;
  ~CopyInput() = default;

  // The next bytes, valid until the next call; none: that was all. Errors: kInvalidArgument (it cannot be read, or the
  // program ended with another status than 0), kCancelled, kDeadlineExceeded.
  Result<std::string_view> Next();
  // How much of it was handed out, 0 to 1; nullopt: nobody knows how much there is.
  std::optional<double> part() const;

 private:
  CopyInput(std::string source, const Interrupts& interrupts, const Clock& clock, Deadline deadline)
      : source_(std::move(source)), interrupts_(interrupts), clock_(clock), deadline_(deadline) {}
  Status Await() const;
  Error Unreadable() const;

  const std::string source_;
  const Interrupts& interrupts_;
  const Clock& clock_;
  const Deadline deadline_;
  std::optional<Program> program_;
  base::UniqueFd file_;
  int fd_ = -1;
  std::size_t size_ = 0;  // of a file; 0: not known
  std::size_t read_ = 0;
  std::array<char, kPieceBytes> piece_;
};

}  // namespace berth::shell
