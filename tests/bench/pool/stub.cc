#include "bench/pool/stub.h"

#include <condition_variable>
#include <mutex>

namespace berth::bench {
namespace {

class StubSession final : public session::Session {
 public:
  Result<Outcome> Execute(std::string_view /*sql*/, Parameters /*parameters*/, Deadline /*deadline*/) override {
    return Error{.message = "a stub executes nothing"};
  }
  void Cancel() override {}
  Status Reset(Deadline /*deadline*/) override { return {}; }
  Status Ping(Deadline /*deadline*/) override { return {}; }
  bool LooksAlive() override { return true; }
  session::SessionState state() const override { return session::SessionState::kIdle; }
  session::Stain stain() const override { return session::Stain::kNone; }
  const session::ServerInfo& server() const override { return server_; }
  bool backslash_escapes() const override { return false; }
  void SetNoticeSink(NoticeSink /*sink*/) override {}
  void SetClientData(ClientData /*data*/) override {}
  void SetEager(bool /*eager*/) override {}

 private:
  const session::ServerInfo server_;
};

class Factory final : public session::SessionFactory {
 public:
  explicit Factory(std::chrono::milliseconds login) : login_(login) {}
  Result<std::unique_ptr<session::Session>> Open(const session::ConnectParams& /*params*/, Deadline /*deadline*/,
                                                 session::Interrupt* /*stop*/) override {
    Hold(login_);
    return std::unique_ptr<session::Session>(std::make_unique<StubSession>());
  }
  Status CancelBackend(const session::ConnectParams& /*params*/, std::int32_t /*pid*/, std::int32_t /*key*/,
                       Deadline /*deadline*/) override {
    return {};
  }

 private:
  const std::chrono::milliseconds login_;
};

}  // namespace

void Hold(std::chrono::microseconds time) {
  const Clock& clock = Clock::System();
  const auto until = clock.Now() + time;
  std::mutex mutex;
  std::condition_variable nobody;
  std::unique_lock lock(mutex);
  while (clock.Now() < until) clock.WaitUntil(nobody, lock, until);
}

std::unique_ptr<session::SessionFactory> StubFactory(std::chrono::milliseconds login) {
  return std::make_unique<Factory>(login);
}

}  // namespace berth::bench
