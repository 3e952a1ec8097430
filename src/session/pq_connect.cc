#include "session/pq_connect.h"

#include <fmt/core.h>
#include <poll.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/try.h"
#include "session/keywords.h"
#include "session/login_errors.h"
#include "session/pq_close.h"
#include "session/resolve.h"
#include "session/tls_files.h"
#include "session/wait.h"

namespace berth::session {
namespace {

LoginPhase PhaseOf(const PGconn* conn) {
  switch (PQstatus(conn)) {
    case CONNECTION_STARTED:
    case CONNECTION_NEEDED:
      return LoginPhase::kTcp;
    case CONNECTION_SSL_STARTUP:
      return LoginPhase::kTls;
    default:
      return LoginPhase::kLogin;
  }
}

Status CheckText(std::string_view name, std::string_view value) {
  if (value.find('\0') == std::string_view::npos) return {};
  return Error{.code = ErrorCode::kInvalidArgument, .message = fmt::format("{} holds a NUL byte", name)};
}

Status Check(const ConnectParams& params) {
  static constexpr std::array<std::string_view, 6> kModes = {"disable", "allow",     "prefer",
                                                             "require", "verify-ca", "verify-full"};
  if (std::find(kModes.begin(), kModes.end(), params.sslmode) == kModes.end()) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("unknown sslmode \"{}\"", params.sslmode),
                 .hint = "One of disable, allow, prefer, require, verify-ca, verify-full."};
  }
  BERTH_TRY(CheckText("the host", params.host));
  BERTH_TRY(CheckText("the database name", params.database));
  BERTH_TRY(CheckText("the user name", params.user));
  BERTH_TRY(CheckText("the password", params.password.Reveal()));
  BERTH_TRY(CheckText("the application name", params.application_name));
  BERTH_TRY(CheckText("the search path", params.search_path));
  BERTH_TRY(CheckText("the query group", params.query_group));
  if (params.host.empty() || params.database.empty() || params.user.empty()) {
    return Error{.code = ErrorCode::kInvalidArgument, .message = "a login needs a host, a database and a user name"};
  }
  return {};
}

// Drives one login to its end. On failure the half-open link is closed before this returns.
Result<Link> Attempt(const ConnectParams& params, const std::string& address, const Clock& clock, LoginLimit limit) {
  Link link;
  {
    const Keywords keywords(params, address);
    link.conn.reset(PQconnectStartParams(keywords.names().data(), keywords.values().data(), 1));
  }
  PGconn* conn = link.conn.get();
  if (conn == nullptr) return Error{.code = ErrorCode::kInternal, .message = "no memory for a session"};
  PQsetErrorVerbosity(conn, PQERRORS_VERBOSE);
  PQsetNoticeReceiver(conn, [](void*, const PGresult*) {}, nullptr);
  KeyCatcher catcher(conn);
  Clock::Steady login_began = clock.Now();
  auto status = PQstatus(conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
    const WaitFor what{.fd = PQsocket(conn),
                       .events = status == PGRES_POLLING_READING ? short{POLLIN} : short{POLLOUT}};
    BERTH_TRY(WaitInLogin(params, PhaseOf(conn), limit, clock, what));
    status = PQconnectPoll(conn);
    if (PQstatus(conn) == CONNECTION_MADE) login_began = clock.Now();  // the last time: the user's name comes next
  }
  if (status == PGRES_POLLING_FAILED) {
    Error error = LoginError(params, PQerrorMessage(conn));
    catcher.Take();
    CloseAndWait(std::move(link.conn), clock, Deadline::After(clock, kCloseWait).Sooner(limit.deadline));
    return error;
  }
  if (auto target = catcher.Take()) link.cancel = *target;
  link.login_took = std::chrono::duration_cast<std::chrono::microseconds>(clock.Now() - login_began);
  PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
  return link;
}

}  // namespace

void DropUnruledVariables() {
  for (const char* name : {"PGSERVICE", "PGTZ", "PGDATESTYLE", "PGGEQO"}) {
    if (::getenv(name) != nullptr) ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe): see MakeLibpqFactory
  }
}

LoginLimit LimitOf(const ConnectParams& params, const Clock& clock, Deadline deadline, Interrupt* stop) {
  if (params.connect_timeout.count() <= 0) return {.deadline = deadline, .stop = stop};
  const Deadline own = Deadline::After(clock, params.connect_timeout);
  return {.deadline = deadline.Sooner(own), .own = own.time() < deadline.time(), .stop = stop};
}

Status WaitInLogin(const ConnectParams& params, LoginPhase phase, const LoginLimit& limit, const Clock& clock,
                   WaitFor what) {
  if (limit.stop != nullptr) {
    what.other = limit.stop->fd();
    what.other_events = POLLIN;
  }
  switch (Wait(what, clock, limit.deadline)) {
    case Woken::kTimeout:
      return LoginTimeout(params, phase, limit.own);
    case Woken::kOther:
      return LoginStopped(params);
    case Woken::kReady:
      break;
  }
  return {};
}

Result<Link> Connect(const ConnectParams& params, const Clock& clock, LoginLimit limit) {
  BERTH_TRY(Check(params));
  BERTH_TRY(CheckTlsFiles(params));
  auto resolved = Resolve(params.host, clock, limit.deadline, limit.stop);
  if (!resolved.ok()) {
    Error error = std::move(resolved).TakeError();
    if (error.code == ErrorCode::kDeadlineExceeded && limit.own) error.code = ErrorCode::kUnavailable;
    return error;
  }
  const auto& addresses = resolved.value();
  for (std::size_t i = 0;; ++i) {
    // What is left is shared out among the addresses that are left: a dead first one leaves time for the next.
    const auto shares = static_cast<long>(addresses.size() - i);
    LoginLimit share = limit;
    if (shares > 1 && !limit.deadline.never())
      share.deadline = Deadline::After(clock, limit.deadline.Left(clock) / shares);
    auto link = Attempt(params, addresses[i], clock, share);
    if (link.ok() || shares == 1 || !TryNextAddress(link.error())) return link;
  }
}

}  // namespace berth::session
