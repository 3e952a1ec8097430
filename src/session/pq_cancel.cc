#include "session/pq_cancel.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <charconv>
#include <string_view>

namespace berth::session {
namespace {

constexpr std::uint32_t kCancelRequestCode = (1234U << 16) | 5678U;  // protocol 3, "CancelRequest"

// "B\t12\tBackendKeyData\t 4711 -123": the number at the end of the last such line.
std::optional<std::int32_t> KeyIn(std::string_view text) {
  constexpr std::string_view kName = "BackendKeyData";
  const std::size_t at = text.rfind(kName);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view line = text.substr(at + kName.size());
  line = line.substr(0, line.find('\n'));
  const std::size_t space = line.rfind(' ');
  if (space == std::string_view::npos) return std::nullopt;
  line.remove_prefix(space + 1);
  std::int32_t key = 0;
  if (std::from_chars(line.data(), line.data() + line.size(), key).ec != std::errc()) return std::nullopt;
  return key;
}

}  // namespace

KeyCatcher::KeyCatcher(PGconn* conn) : conn_(conn), stream_(::fmemopen(text_.data(), text_.size() - 1, "w")) {
  if (stream_ == nullptr) return;
  std::setvbuf(stream_, nullptr, _IONBF, 0);  // no second copy of what passes
  PQtrace(conn_, stream_);
  PQsetTraceFlags(conn_, PQTRACE_SUPPRESS_TIMESTAMPS);
}

KeyCatcher::~KeyCatcher() {
  End();
}

void KeyCatcher::End() {
  if (stream_ != nullptr) {
    PQuntrace(conn_);
    std::fclose(stream_);
    stream_ = nullptr;
  }
  ::explicit_bzero(text_.data(), text_.size());
}

std::optional<CancelTarget> KeyCatcher::Take() {
  if (stream_ != nullptr) std::fflush(stream_);
  const auto key = KeyIn(std::string_view(text_.data()));
  End();
  CancelTarget target{.pid = PQbackendPID(conn_)};
  socklen_t size = sizeof target.address;
  if (!key || ::getpeername(PQsocket(conn_), reinterpret_cast<sockaddr*>(&target.address), &size) != 0) {
    return std::nullopt;
  }
  target.key = *key;
  target.address_size = size;
  return target;
}

CancelRequest::CancelRequest(const CancelTarget& target)
    : packet_{htonl(16), htonl(kCancelRequestCode), htonl(static_cast<std::uint32_t>(target.pid)),
              htonl(static_cast<std::uint32_t>(target.key))} {
  if (target.address_size == 0) return;
  fd_ = UniqueFd(::socket(target.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_) return;
  const auto* address = reinterpret_cast<const sockaddr*>(&target.address);
  if (::connect(fd_.get(), address, target.address_size) == 0 || errno == EINPROGRESS) stage_ = Stage::kConnecting;
}

short CancelRequest::events() const {
  return stage_ == Stage::kConnecting ? POLLOUT : POLLIN;
}

void CancelRequest::Advance() {
  if (stage_ == Stage::kConnecting) {
    const ssize_t sent = ::send(fd_.get(), packet_.data(), sizeof packet_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    sent_ = sent == sizeof packet_;
    stage_ = sent_ ? Stage::kSent : Stage::kDone;
    return;
  }
  char ignored[64];
  const ssize_t got = ::recv(fd_.get(), ignored, sizeof ignored, MSG_DONTWAIT);
  if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) stage_ = Stage::kDone;
}

}  // namespace berth::session
