#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "berth/deadline.h"
#include "session/session.h"

namespace berth::test {

// Returns true once `predicate` is; false after 20 s of real time, which means that it never will be. For what other
// threads bring about by themselves: no test waits for time to pass.
inline bool Eventually(const std::function<bool()>& predicate) {
  const Deadline deadline = Deadline::After(Clock::System(), std::chrono::seconds(20));
  while (!predicate()) {
    if (deadline.Passed(Clock::System())) return false;
    std::this_thread::yield();
  }
  return true;
}

// A door that threads stop at while it is shut. Safe from many threads.
class Gate {
 public:
  void Shut() { Set(false); }
  void Open() { Set(true); }
  void Pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.wait(lock, [this] { return open_ || permits_ > 0; });
    if (!open_) --permits_;
    --waiting_;
  }
  void LetOnePass() {
    const std::lock_guard lock(mutex_);
    ++permits_;
    changed_.notify_all();
  }
  std::size_t waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_;
  }

 private:
  void Set(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    permits_ = 0;
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  std::size_t permits_ = 0;
  std::size_t waiting_ = 0;
};

class FakeSession;

// The factory of a server that counts its sessions as a real one does: one is open from its login until its object has
// been destroyed. Logins, resets, pings and closes can be made to fail or to stop at a gate. Also the factory. Must
// outlive its sessions.
class FakeFactory final : public session::SessionFactory {
 public:
  using ExecuteHandler =
      std::function<Result<Outcome>(FakeSession&, std::string_view sql, Parameters parameters, Deadline deadline)>;

  Gate logins, resets, closes;

  Result<std::unique_ptr<session::Session>> Open(const session::ConnectParams& params, Deadline deadline,
                                                 session::Interrupt* stop) override;

  Status CancelBackend(const session::ConnectParams& /*params*/, std::int32_t pid, std::int32_t key,
                       Deadline /*deadline*/) override {
    Note("cancel backend " + std::to_string(pid) + " " + std::to_string(key));
    return {};
  }

  // The server's own limit; a login above it is refused with 53300. 0: none.
  void SetRoom(std::size_t room) { room_ = room; }
  // What sessions are told of their user's limit from now on; nobody keeps it.
  void SetUserLimit(std::string user, std::int32_t limit) {
    const std::lock_guard lock(mutex_);
    user_ = std::move(user);
    user_limit_ = limit;
  }
  // Each login from now on fails with `error`; nullopt: they succeed again.
  void FailLogins(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    fail_all_ = std::move(error);
  }
  // The next login that has no answer scripted fails with `error`; nullopt: succeeds. They queue up.
  void ScriptLogin(std::optional<Error> error) {
    const std::lock_guard lock(mutex_);
    script_.push_back(std::move(error));
  }
  void OnExecute(ExecuteHandler handler) {
    const std::lock_guard lock(mutex_);
    on_execute_ = std::move(handler);
  }

  std::size_t open() const { return open_; }                // now
  std::size_t open_most() const { return open_most_; }      // ever at once
  std::size_t login_count() const { return logins_; }       // begun
  std::size_t logins_most() const { return logins_most_; }  // ever at once
  std::size_t refused_count() const { return refused_; }    // for lack of room
  // What reached the sessions, in order: "login 1", "reset 1", "ping 2", "cancel 1", "close 2", and texts executed.
  std::vector<std::string> events() const {
    const std::lock_guard lock(mutex_);
    return events_;
  }
  std::size_t CountEvents(const std::string& event) const {
    std::size_t count = 0;
    for (const std::string& seen : events()) count += seen == event ? 1 : 0;
    return count;
  }
  std::vector<session::ConnectParams> params() const {
    const std::lock_guard lock(mutex_);
    return params_;
  }

 private:
  friend class FakeSession;
  static void RaiseTo(std::atomic<std::size_t>& most, std::size_t value) {
    std::size_t seen = most;
    while (seen < value && !most.compare_exchange_weak(seen, value)) {
    }
  }
  void Note(std::string event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    if (events_.size() > kEventsMax) events_.erase(events_.begin(), events_.begin() + kEventsMax / 2);
  }

  static constexpr std::size_t kEventsMax = 10'000;
  std::atomic<std::size_t> room_{0}, open_{0}, open_most_{0}, logins_{0}, logins_now_{0}, logins_most_{0}, refused_{0};
  mutable std::mutex mutex_;
  int last_id_ = 0;
  std::string user_;
  std::int32_t user_limit_ = -1;
  std::optional<Error> fail_all_;
  std::deque<std::optional<Error>> script_;
  ExecuteHandler on_execute_;
  std::vector<std::string> events_;
  std::vector<session::ConnectParams> params_;
};

class FakeSession final : public session::Session {
 public:
  FakeSession(FakeFactory& server, int id) : server_(server), id_(id) {
    const std::lock_guard lock(server_.mutex_);
    info_.backend_pid = id;
    info_.user = server_.user_;
    info_.user_limit = server_.user_limit_;
  }
  ~FakeSession() override {
    server_.closes.Pass();
    server_.Note("close " + std::to_string(id_));
    --server_.open_;
  }

  Result<Outcome> Execute(std::string_view sql, Parameters parameters, Deadline deadline) override {
    server_.Note(std::string(sql));
    FakeFactory::ExecuteHandler handler;
    {
      const std::lock_guard lock(server_.mutex_);
      handler = server_.on_execute_;
    }
    if (handler) return handler(*this, sql, parameters, deadline);
    return Error{.code = ErrorCode::kNotSupported, .message = "the fake has no answer to: " + std::string(sql)};
  }
  void Cancel() override { server_.Note("cancel " + std::to_string(id_)); }
  Status Reset(Deadline /*deadline*/) override {
    server_.resets.Pass();
    server_.Note("reset " + std::to_string(id_));
    if (reset_error) return *reset_error;
    state_ = session::SessionState::kIdle;
    stain_ = session::Stain::kNone;
    return {};
  }
  Status Ping(Deadline /*deadline*/) override {
    server_.Note("ping " + std::to_string(id_));
    if (ping_error) return *ping_error;
    return {};
  }
  bool LooksAlive() override {
    ++looks;
    return alive;
  }
  session::SessionState state() const override { return state_; }
  session::Stain stain() const override { return stain_; }
  const session::ServerInfo& server() const override { return info_; }
  bool backslash_escapes() const override { return false; }
  void SetNoticeSink(NoticeSink sink) override { notice_sink = std::move(sink); }
  void SetClientData(ClientData /*data*/) override {}
  void SetEager(bool to) override { eager = to; }
  int processor() const override { return on_processor; }

  int id() const { return id_; }
  void SetState(session::SessionState state) { state_ = state; }
  void SetStain(session::Stain stain) { stain_ = stain; }

  // Scripted by who holds the session.
  bool alive = true;
  std::optional<Error> ping_error, reset_error;
  int looks = 0;
  NoticeSink notice_sink;
  bool eager = false;
  int on_processor = -1;

 private:
  FakeFactory& server_;
  const int id_;
  session::SessionState state_ = session::SessionState::kIdle;
  session::Stain stain_ = session::Stain::kNone;
  session::ServerInfo info_;
};

inline Result<std::unique_ptr<session::Session>> FakeFactory::Open(const session::ConnectParams& params,
                                                                   Deadline /*deadline*/,
                                                                   session::Interrupt* /*stop*/) {
  ++logins_;
  RaiseTo(logins_most_, ++logins_now_);
  logins.Pass();
  --logins_now_;
  std::optional<Error> error;
  int id = 0;
  {
    const std::lock_guard lock(mutex_);
    params_.push_back(params);
    error = fail_all_;
    if (!script_.empty()) {
      error = std::move(script_.front());
      script_.pop_front();
    }
    id = ++last_id_;
  }
  if (error) {
    Note("refuse " + std::to_string(id));
    return *std::move(error);
  }
  const std::size_t now = ++open_;
  if (const std::size_t room = room_; room > 0 && now > room) {
    --open_;
    ++refused_;
    return Error{.code = ErrorCode::kResourceExhausted, .message = "too many connections for role \"etl\""};
  }
  RaiseTo(open_most_, now);
  Note("login " + std::to_string(id));
  return std::unique_ptr<session::Session>(std::make_unique<FakeSession>(*this, id));
}

}  // namespace berth::test
