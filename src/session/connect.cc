#include "session/connect.h"

#include <fmt/core.h>
#include <poll.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/try.h"
#include "session/close.h"
#include "session/keywords.h"
#include "session/login_errors.h"
#include "session/resolve.h"
#include "session/wait.h"

namespace berth::session {
namespace {

struct Limits {
  const Clock& clock;
  Deadline deadline;  // of this attempt
  bool own_limit;     // it is CONNECT_TIMEOUT, not the caller's
};

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
Result<Link> Attempt(const ConnectParams& params, const std::string& address, const Limits& limits) {
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
  auto status = PQstatus(conn) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (status == PGRES_POLLING_READING || status == PGRES_POLLING_WRITING) {
    const WaitFor what{.fd = PQsocket(conn),
                       .events = status == PGRES_POLLING_READING ? short{POLLIN} : short{POLLOUT}};
    if (Wait(what, limits.clock, limits.deadline) == Woken::kTimeout) {
      return LoginTimeout(params, PhaseOf(conn), limits.own_limit);
    }
    status = PQconnectPoll(conn);
  }
  if (status == PGRES_POLLING_FAILED) {
    Error error = LoginError(params, PQerrorMessage(conn));
    catcher.Take();
    CloseAndWait(std::move(link.conn), limits.clock, Deadline::After(limits.clock, kCloseWait).Sooner(limits.deadline));
    return error;
  }
  if (auto target = catcher.Take()) link.cancel = *target;
  PQsetErrorVerbosity(conn, PQERRORS_DEFAULT);
  return link;
}

}  // namespace

void DropUnruledVariables() {
  for (const char* name : {"PGSERVICE", "PGTZ", "PGDATESTYLE", "PGGEQO"}) {
    if (::getenv(name) != nullptr) ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe): see MakeLibpqFactory
  }
}

std::string RootFile(const ConnectParams& params) {
  if (!params.sslrootcert.empty()) return params.sslrootcert;
  return params.sslmode.starts_with("verify") ? kSystemRoots : "";
}

Result<Link> Connect(const ConnectParams& params, const Clock& clock, Deadline deadline) {
  BERTH_TRY(Check(params));
  Deadline own =
      params.connect_timeout.count() > 0 ? Deadline::After(clock, params.connect_timeout) : Deadline::Never();
  const bool own_limit = own.time() < deadline.time();
  deadline = deadline.Sooner(own);
  auto resolved = Resolve(params.host, clock, deadline);
  if (!resolved.ok()) {
    Error error = std::move(resolved).TakeError();
    if (error.code == ErrorCode::kDeadlineExceeded && own_limit) error.code = ErrorCode::kUnavailable;
    return error;
  }
  const auto& addresses = resolved.value();
  for (std::size_t i = 0;; ++i) {
    // What is left is shared out among the addresses that are left, so that a dead first one leaves time for the next.
    const auto shares = static_cast<long>(addresses.size() - i);
    const Deadline share =
        shares == 1 || deadline.never() ? deadline : Deadline::After(clock, deadline.Left(clock) / shares);
    auto link = Attempt(params, addresses[i], {.clock = clock, .deadline = share, .own_limit = own_limit});
    if (link.ok() || shares == 1 || !TryNextAddress(link.error())) return link;
  }
}

}  // namespace berth::session
