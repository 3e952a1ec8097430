#include "shell/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>

namespace berth::shell {

Output::Output(int fd) : fd_(fd), buffer_(new char[kBufferBytes]) {}

bool Output::closed() const {
  return error_ == EPIPE;
}

void Output::Fill(std::size_t count, char c) {
  while (count > 0) {
    if (used_ == kBufferBytes) Flush();
    const std::size_t part = std::min(count, kBufferBytes - used_);
    std::memset(buffer_.get() + used_, c, part);
    used_ += part;
    count -= part;
  }
}

void Output::Flush() {
  const std::size_t used = used_;
  used_ = 0;
  Write({buffer_.get(), used});
}

void Output::AppendLarge(std::string_view text) {
  Flush();
  if (text.size() >= kBufferBytes) {
    Write(text);
  } else {
    Append(text);
  }
}

int Output::WriteBytes(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd ready{.fd = fd_, .events = POLLOUT, .revents = 0};  // someone else made the descriptor non-blocking
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace berth::shell
