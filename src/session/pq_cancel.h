#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "session/pq_handle.h"
#include "session/unique_fd.h"

namespace berth::session {

// Where and what to send so that the server stops what a session runs.
struct CancelTarget {
  sockaddr_storage address{};
  socklen_t address_size = 0;  // 0: unknown, nothing can be cancelled
  std::int32_t pid = 0;
  std::int32_t key = 0;
};

// libpq has no accessor for the cancel key, and its PQcancel blocks without a deadline. While this lives, libpq writes
// what it receives into a buffer here; the key is read out of it and the buffer, which may hold a password, is wiped.
class KeyCatcher {
 public:
  explicit KeyCatcher(PGconn* conn);
  KeyCatcher(const KeyCatcher&) = delete;
  KeyCatcher& operator=(const KeyCatcher&) = delete;
  ~KeyCatcher();

  // Of the session that `conn` is now; nullopt: the server sent none. Ends the catching.
  std::optional<CancelTarget> Take();

 private:
  void End();

  PGconn* conn_;
  std::array<char, 16'384> text_{};  // a login writes about 2 KiB
  std::FILE* stream_ = nullptr;
};

// One CancelRequest on a socket of its own, never blocking: poll fd() for events(), then Advance(). It is done when the
// server has hung up, by which time it has passed the signal on, or when it failed.
class CancelRequest {
 public:
  explicit CancelRequest(const CancelTarget& target);

  int fd() const { return fd_.get(); }
  short events() const;
  void Advance();
  bool done() const { return stage_ == Stage::kDone; }
  bool sent() const { return sent_; }

 private:
  enum class Stage : std::uint8_t { kConnecting, kSent, kDone };

  UniqueFd fd_;
  Stage stage_ = Stage::kDone;
  bool sent_ = false;
  std::array<std::uint32_t, 4> packet_{};
};

}  // namespace berth::session
