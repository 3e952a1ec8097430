#include "session/pq_session.h"

#include <errno.h>
#include <fmt/core.h>
#include <sys/socket.h>

#include <charconv>
#include <utility>

#include "base/try.h"
#include "session/login_errors.h"
#include "session/pq_close.h"
#include "session/pq_errors.h"
#include "session/startup.h"

namespace berth::session {
namespace {

ConnectParams WithoutSecrets(const ConnectParams& params) {
  ConnectParams copy = params;
  copy.password = Secret();
  copy.sslpassword = Secret();
  return copy;
}

std::string ParameterOf(const PGconn* conn, const char* name) {
  const char* value = PQparameterStatus(conn, name);
  return value != nullptr ? value : "";
}

class LibpqFactory final : public SessionFactory {
 public:
  explicit LibpqFactory(const Clock& clock) : clock_(clock) {}
  Result<std::unique_ptr<Session>> Open(const ConnectParams& params, Deadline deadline, Interrupt* stop) override {
    return LibpqSession::Open(params, clock_, LimitOf(params, clock_, deadline, stop));
  }
  Status CancelBackend(const ConnectParams& params, std::int32_t pid, std::int32_t key, Deadline deadline) override {
    return SendCancel(params, {.pid = pid, .key = key}, clock_, deadline);
  }

 private:
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<SessionFactory> MakeLibpqFactory(const Clock& clock) {
  DropUnruledVariables();
  return std::make_unique<LibpqFactory>(clock);
}

Result<std::unique_ptr<Session>> LibpqSession::Open(const ConnectParams& params, const Clock& clock, LoginLimit limit) {
  BERTH_TRY(LoadLibpq());
  BERTH_ASSIGN(Link link, Connect(params, clock, limit));
  auto session = std::make_unique<LibpqSession>(std::move(link), params, clock);
  Status started = session->Startup(limit.deadline);
  if (started.ok()) return std::unique_ptr<Session>(std::move(session));
  Error error = std::move(started).TakeError();
  error.session_fate = SessionFate::kDiscard;
  if (error.code == ErrorCode::kDeadlineExceeded) {
    session->close_wait_ = std::chrono::milliseconds(0);  // the time is up
    return LoginTimeout(params, LoginPhase::kLogin, limit.own);
  }
  if (error.code == ErrorCode::kSessionLost) {
    error.code = ErrorCode::kUnavailable;
    error.message = fmt::format("{}:{} hung up after it had let \"{}\" in: {}", params.host, params.port, params.user,
                                error.message);
    error.hint = "Nothing was run. The server's log says why it ended the session.";
  }
  return error;
}

LibpqSession::LibpqSession(Link link, const ConnectParams& params, const Clock& clock)
    : clock_(clock), params_(WithoutSecrets(params)), link_(std::move(link)) {
  PGconn* conn = link_.conn.get();
  guard_ = base::ForkGuard(PQsocket(conn));
  PQsetnonblocking(conn, 1);
  PQsetNoticeReceiver(conn, &LibpqSession::OnNotice, this);
  server_.version = PQserverVersion(conn);
  server_.version_text = ParameterOf(conn, "server_version");
  server_.backend_pid = PQbackendPID(conn);
  server_.cancel_key = link_.cancel.key;
  server_.tls = PQsslInUse(conn) != 0;
  server_.opened = clock.Now();
  server_.login_took = link_.login_took;
}

LibpqSession::~LibpqSession() {
  notices_ = nullptr;
  guard_ = base::ForkGuard();
  CloseAndWait(std::move(link_.conn), clock_, Deadline::After(clock_, close_wait_));
}

// Only a server that calls itself 8.0 can be Redshift; others are not asked.
Status LibpqSession::Startup(Deadline deadline) {
  if (server_.version_text.starts_with("8.0")) {
    BERTH_ASSIGN(const std::string version, Ask("SELECT version()", deadline));
    server_.redshift = version.find("Redshift") != std::string::npos;
  }
  server_.user = params_.user;
  BERTH_ASSIGN(const std::string limit, Ask(StartupText(params_, server_).append(UserLimitText(server_)), deadline));
  std::from_chars(limit.data(), limit.data() + limit.size(), server_.user_limit);
  return {};
}

Status LibpqSession::Ping(Deadline deadline) {
  auto asked = Ask("", deadline);
  if (!asked.ok()) return std::move(asked).TakeError();
  return {};
}

Status LibpqSession::Reset(Deadline deadline) {
  served_.clear();
  return ResetTo("", deadline);
}

Status LibpqSession::ServeUser(std::string_view user, std::string_view application_name, Deadline deadline) {
  if (user == served_) return {};
  served_.clear();
  BERTH_TRY(ResetTo(user.empty() ? std::string() : NameText(application_name, server_), deadline));
  const auto text = LeftoversText(server_);
  if (!text.empty()) {
    auto left = Ask(std::string(text), deadline);
    if (!left.ok()) return std::move(left).TakeError();
    if (!left.value().starts_with('0')) {
      return Error{.code = ErrorCode::kInternal,
                   .message = "the session kept something of another user through its reset",
                   .session_fate = SessionFate::kDiscard};
    }
  }
  served_ = user;
  return {};
}

Status LibpqSession::ResetTo(const std::string& settings, Deadline deadline) {
  if (state() == SessionState::kInTransaction || state() == SessionState::kFailedTransaction) {
    auto rolled_back = Ask("ROLLBACK", deadline);
    if (!rolled_back.ok()) return std::move(rolled_back).TakeError();
  }
  auto reset = Ask("RESET SESSION AUTHORIZATION; RESET ALL; " + StartupText(params_, server_) + settings, deadline);
  if (!reset.ok()) return std::move(reset).TakeError();
  for (const auto& name : std::exchange(prepared_, {})) {
    std::string quoted;
    for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
    auto freed = Ask(fmt::format("DEALLOCATE \"{}\"", quoted), deadline);
    // The text may have failed before its PREPARE, or have freed it itself.
    if (!freed.ok() && freed.error().Sqlstate() != "26000") return std::move(freed).TakeError();
  }
  cache_.RetireAll();
  BERTH_TRY(DeallocateRetired(deadline));
  if (state() != SessionState::kIdle) {
    return Error{.code = ErrorCode::kInternal,
                 .message = "the session is not idle after its reset",
                 .session_fate = SessionFate::kDiscard};
  }
  if (stain_ == Stain::kSettings) stain_ = Stain::kNone;
  return {};
}

bool LibpqSession::LooksAlive() {
  PGconn* conn = link_.conn.get();
  if (broken_ || PQstatus(conn) != CONNECTION_OK) return false;
  char byte = 0;
  const ssize_t got = ::recv(PQsocket(conn), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0 || !server_.tls) return false;
  // TLS has records of its own (tickets, keys); libpq reads them, and whether the server hung up.
  return PQconsumeInput(conn) != 0 && PQisBusy(conn) == 0 && PQstatus(conn) == CONNECTION_OK && !dismissed_;
}

SessionState LibpqSession::state() const {
  if (broken_) return SessionState::kBroken;
  if (run_.open) return SessionState::kActive;
  switch (PQtransactionStatus(link_.conn.get())) {
    case PQTRANS_IDLE:
      return SessionState::kIdle;
    case PQTRANS_ACTIVE:
      return SessionState::kActive;
    case PQTRANS_INTRANS:
      return SessionState::kInTransaction;
    case PQTRANS_INERROR:
      return SessionState::kFailedTransaction;
    case PQTRANS_UNKNOWN:
      break;
  }
  return SessionState::kBroken;
}

bool LibpqSession::backslash_escapes() const {
  return ParameterOf(link_.conn.get(), "standard_conforming_strings") != "on";
}

void LibpqSession::OnNotice(void* session, const PGresult* result) {
  auto* self = static_cast<LibpqSession*>(session);
  if (IsFatal(result)) self->dismissed_ = true;
  if (self->notices_) self->notices_(NoticeOf(result));
}

}  // namespace berth::session
