#include "session/probe.h"

#include <fmt/core.h>
#include <poll.h>

#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "session/keywords.h"
#include "session/login_errors.h"
#include "session/pq_connect.h"
#include "session/pq_tls.h"
#include "session/resolve.h"
#include "session/tls_files.h"
#include "session/wait.h"

namespace berth::session {
namespace {

std::chrono::microseconds Since(Clock::Steady start, const Clock& clock) {
  return std::chrono::duration_cast<std::chrono::microseconds>(clock.Now() - start);
}

std::string Joined(const std::vector<std::string>& addresses) {
  std::string text;
  for (const auto& address : addresses) text += (text.empty() ? "" : ", ") + address;
  return text;
}

std::string TlsDetail(const TlsFacts& facts, const ConnectParams& params) {
  if (facts.protocol.empty()) return fmt::format("no TLS (sslmode={})", params.sslmode);
  const std::string roots = RootFile(params);
  std::string text = fmt::format("{} {}; sslmode={}{}{}", facts.protocol, facts.cipher, params.sslmode,
                                 roots.empty() ? "" : ", roots in ", roots);
  if (!facts.issuer.empty()) {
    text += fmt::format("; certificate of {}, issued by {}, {} {}", facts.subject, facts.issuer,
                        facts.expired ? "expired" : "expires", facts.expires);
  }
  return text;
}

// One link to one address, led to where its login would begin.
class Attempt {
 public:
  Attempt(const ConnectParams& params, const Clock& clock, LoginLimit limit)
      : params_(params), clock_(clock), limit_(limit) {}

  Status Run(const std::string& address, ProbeReport& report) {
    BERTH_TRY(LoadLibpq());
    auto& tcp = report.At(ProbeStep::kTcp);
    auto& tls = report.At(ProbeStep::kTls);
    tcp.tried = true;
    tcp.detail = fmt::format("{} port {}", address, params_.port);
    const Clock::Steady started = clock_.Now();
    Start(address);
    Status reached = Lead();
    tcp.took = Since(started, clock_);
    if (!reached.ok() || !WantsTls()) {
      if (reached.ok()) tls.detail = TlsDetail({}, params_);
      return reached;
    }
    tls.tried = true;
    phase_ = LoginPhase::kTls;
    const Clock::Steady agreed = clock_.Now();
    Status secured = CheckTlsFiles(params_);
    if (secured.ok()) secured = Lead();
    tls.took = Since(agreed, clock_);
    if (secured.ok()) {
      report.tls = TlsFactsOf(conn_.get(), clock_);
      tls.detail = TlsDetail(report.tls, params_);
    }
    return secured;
  }

 private:
  // "allow" would begin without.
  bool WantsTls() const { return params_.sslmode != "disable" && params_.sslmode != "allow"; }

  void Start(const std::string& address) {
    const Keywords keywords(params_, address);
    conn_.reset(PQconnectStartParams(keywords.names().data(), keywords.values().data(), 1));
    if (conn_ == nullptr) return;
    PQsetErrorVerbosity(conn_.get(), PQERRORS_VERBOSE);
    PQsetNoticeReceiver(conn_.get(), [](void*, const PGresult*) {}, nullptr);
    polled_ = PQstatus(conn_.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  }

  // To the next point at which libpq would send of its own accord: after TCP the wish for TLS, after TLS the login.
  Status Lead() {
    if (conn_ == nullptr) return Error{.code = ErrorCode::kInternal, .message = "no memory for a session"};
    PGconn* conn = conn_.get();
    while (polled_ != PGRES_POLLING_FAILED) {
      const WaitFor what{.fd = PQsocket(conn),
                         .events = polled_ == PGRES_POLLING_READING ? short{POLLIN} : short{POLLOUT}};
      BERTH_TRY(WaitInLogin(params_, phase_, limit_, clock_, what));
      polled_ = PQconnectPoll(conn);
      if (PQstatus(conn) == CONNECTION_MADE) return {};
    }
    return LoginError(params_, PQerrorMessage(conn));
  }

  const ConnectParams& params_;
  const Clock& clock_;
  const LoginLimit limit_;
  PqConn conn_;
  PostgresPollingStatusType polled_ = PGRES_POLLING_FAILED;
  LoginPhase phase_ = LoginPhase::kTcp;
};

// The certificate was refused: whose it is tells more than libpq's words do.
void LookAtRefused(const ConnectParams& params, const std::string& address, const Clock& clock, LoginLimit limit,
                   ProbeReport& report) {
  if (!params.sslmode.starts_with("verify") && params.sslrootcert.empty()) return;
  ConnectParams unchecked = params;
  unchecked.sslmode = "require";
  unchecked.sslrootcert.clear();
  ProbeReport second;
  if (!Attempt(unchecked, clock, limit).Run(address, second).ok() || second.tls.protocol.empty()) return;
  report.tls = second.tls;
  report.At(ProbeStep::kTls).detail = TlsDetail(second.tls, params);
  if (second.tls.expired) {
    report.error->hint = fmt::format(
        "The server's certificate has expired ({}): it must be renewed at the server. Roots were read from {}.",
        second.tls.expires, RootFile(params));
  } else if (second.tls.not_yet_valid) {
    report.error->hint = "The server's certificate is not valid yet: is this machine's clock right?";
  }
}

}  // namespace

ProbeReport Probe(const ConnectParams& params, const Clock& clock, Deadline deadline, Interrupt* stop) {
  ProbeReport report;
  const LoginLimit limit = LimitOf(params, clock, deadline, stop);
  auto& resolve = report.At(ProbeStep::kResolve);
  resolve.tried = true;
  const Clock::Steady started = clock.Now();
  auto resolved = Resolve(params.host, clock, limit.deadline, stop);
  resolve.took = Since(started, clock);
  if (!resolved.ok()) {
    report.error = std::move(resolved).TakeError();
    return report;
  }
  const auto& addresses = resolved.value();
  resolve.detail = Joined(addresses);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto left = addresses.size() - i;
    LoginLimit share = limit;
    if (left > 1 && !limit.deadline.never())
      share.deadline = Deadline::After(clock, limit.deadline.Left(clock) / static_cast<long>(left));
    report.At(ProbeStep::kTcp) = report.At(ProbeStep::kTls) = {};
    Status reached = Attempt(params, clock, share).Run(addresses[i], report);
    report.error.reset();
    if (reached.ok()) return report;
    report.error = std::move(reached).TakeError();
    if (report.At(ProbeStep::kTls).tried) LookAtRefused(params, addresses[i], clock, share, report);
  }
  return report;
}

}  // namespace berth::session
