#include "session/login_errors.h"

#include <fmt/core.h>

#include <optional>
#include <string>

#include "base/strings.h"
#include "session/pq_connect.h"
#include "session/tls_files.h"

namespace berth::session {
namespace {

// Nothing answers: what stands between drops the packets, or nobody is there.
constexpr char kReachHint[] =
    "Check host and port, that the cluster is not paused, and that its security group, subnet route and 'publicly "
    "accessible' setting let this machine in (VPN, if it has only a private address).";
// Somebody answers, and says no.
constexpr char kRefusedHint[] =
    "The host is there and nothing listens on that port: check the port in CONNECTION_STRING (Redshift's is 5439) and "
    "that the cluster is not paused or restarting.";

bool Has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string Place(const ConnectParams& params) {
  return fmt::format("{}:{}", params.host, params.port);
}

struct ServerWords {
  std::string sqlstate, message, detail, hint;
};

std::string LineAfter(std::string_view text, std::string_view label) {
  std::size_t at = text.find(label);
  if (at == std::string_view::npos) return {};
  at += label.size();
  return std::string(base::Trim(text.substr(at, text.find('\n', at) - at)));
}

// "FATAL:  28P01: password authentication failed ..", the last one: earlier ones are of other attempts (sslmode
// prefer).
std::optional<ServerWords> FromServer(std::string_view text) {
  constexpr std::string_view kLabel = "FATAL:  ";
  constexpr std::size_t kState = 5;
  const std::size_t at = text.rfind(kLabel);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + kLabel.size());
  ServerWords words;
  if (text.size() > kState + 1 && text[kState] == ':') {
    words.sqlstate = text.substr(0, kState);
    text.remove_prefix(kState + 1);
  }
  words.message = base::Trim(text.substr(0, text.find('\n')));
  words.detail = LineAfter(text, "\nDETAIL:  ");
  words.hint = LineAfter(text, "\nHINT:  ");
  return words;
}

// libpq's own reason without the address before it and the guesses behind it.
std::string Reason(std::string_view text) {
  constexpr std::string_view kFailed = " failed: ";
  text = base::Trim(text);
  if (const std::size_t at = text.rfind(kFailed); at != std::string_view::npos) text.remove_prefix(at + kFailed.size());
  if (const std::size_t at = text.find("\n\t"); at != std::string_view::npos) text = text.substr(0, at);
  std::string reason(base::Trim(text));
  for (char& c : reason) {
    if (c == '\n') c = ' ';
  }
  return reason;
}

std::string LoginHint(std::string_view sqlstate, std::string_view message) {
  if (Has(message, "pg_hba.conf")) {
    return "The server's rules do not admit this user, database, address or kind of encryption; sslmode in the URL "
           "chooses the encryption.";
  }
  if (sqlstate == "28P01" || sqlstate == "28000") {
    return "Check USER_NAME and PASSWORD: ALTER REDSHIFT CONNECTION .. SET USER_NAME = .. SET PASSWORD = ..";
  }
  if (sqlstate == "53300")
    return "Wait until other sessions end, or lower MAX_CONCURRENT_CONNECTIONS of those who share it.";
  if (sqlstate == "3D000") return "Check the database name at the end of CONNECTION_STRING.";
  if (sqlstate == "57P03") return "The server is starting, stopping or recovering; try again.";
  return {};
}

ErrorCode CodeOf(std::string_view sqlstate, std::string_view message) {
  if (sqlstate == "53300" || (Has(message, "connection limit") && Has(message, "exceeded"))) {
    return ErrorCode::kResourceExhausted;
  }
  if (sqlstate.starts_with("28")) return ErrorCode::kUnauthenticated;
  return ErrorCode::kUnavailable;
}

Error ServerRefusal(const ConnectParams& params, const ServerWords& words) {
  const ErrorCode code = CodeOf(words.sqlstate, words.message);
  std::string state = words.sqlstate;
  if (code == ErrorCode::kResourceExhausted) state = "53300";
  return {.code = code,
          .message = fmt::format("{} refused the login of \"{}\": {}", Place(params), params.user, words.message),
          .detail = words.detail,
          .hint = words.hint.empty() ? LoginHint(state, words.message) : words.hint,
          .sqlstate = std::move(state),
          .session_fate = SessionFate::kDiscard};
}

std::optional<Error> AuthenticationError(const ConnectParams& params, std::string_view reason) {
  Error error{.code = ErrorCode::kUnauthenticated, .session_fate = SessionFate::kDiscard};
  if (Has(reason, "authentication method 13") || Has(reason, "authentication method 14")) {
    const bool digest = Has(reason, "method 13");
    error.sqlstate = "28000";
    error.message = fmt::format("{} asks \"{}\" for {}, which libpq does not speak", Place(params), params.user,
                                digest ? "a SHA-256 digest (authentication method 13)"
                                       : "an identity provider's token (authentication method 14)");
    error.hint =
        "Give the user a password that is stored as md5 (ALTER USER u PASSWORD 'md5..'), or use temporary "
        "credentials: PASSWORD = COMMAND 'aws redshift get-cluster-credentials ..'.";
    return error;
  }
  if (Has(reason, "no password supplied")) {
    error.message =
        fmt::format("{} asks \"{}\" for a password and the connection has none", Place(params), params.user);
    error.hint = "ALTER REDSHIFT CONNECTION .. SET PASSWORD = ..";
    return error;
  }
  if (Has(reason, "authentication method") || Has(reason, "SCRAM") || Has(reason, "channel binding")) {
    error.sqlstate = "28000";
    error.message = fmt::format("the login of \"{}\" at {} failed: {}", params.user, Place(params), reason);
    return error;
  }
  return std::nullopt;
}

bool SpeaksOfTls(std::string_view reason) {
  return Has(reason, "SSL") || Has(reason, "certificate") || Has(reason, "TLS") || Has(reason, "private key");
}

std::string TlsHint(const ConnectParams& params, std::string_view reason) {
  const std::string roots = RootFile(params);
  if (Has(reason, "does not support SSL")) {
    return "The server offers no TLS. If that is right for it, say so in the URL: ?ssl=false (the password and the "
           "data "
           "are then readable on the way).";
  }
  if (Has(reason, "does not match host name")) {
    return "The certificate is another host's. Use the endpoint's own name in CONNECTION_STRING, or sslmode=verify-ca "
           "if "
           "a tunnel or load balancer stands between.";
  }
  if (Has(reason, "private key") || Has(reason, "load client certificate") || Has(reason, "open certificate file")) {
    return fmt::format(
        "The client certificate is {} (sslcert), its key {} (sslkey), which only its owner may read (mode "
        "0600, or 0640 if it is root's).",
        params.sslcert, params.sslkey);
  }
  if (Has(reason, "does not exist") || Has(reason, "could not read root")) {
    return fmt::format("Roots are read from {}: install ca-certificates, or name a file with sslrootcert in the URL.",
                       roots);
  }
  if (Has(reason, "verify failed") || Has(reason, "unknown ca")) {
    return fmt::format(
        "The server's certificate was checked against {}. Name the file of its authority with sslrootcert in "
        "the URL; an expired certificate must be renewed at the server.",
        roots);
  }
  return fmt::format("sslmode={}, sslrootcert={}.", params.sslmode, roots);
}

}  // namespace

Error LoginError(const ConnectParams& params, std::string_view text) {
  if (auto words = FromServer(text)) return ServerRefusal(params, *words);
  const std::string reason = Reason(text);
  if (auto error = AuthenticationError(params, reason)) return std::move(*error);
  const bool tls = SpeaksOfTls(reason);
  return {.code = ErrorCode::kUnavailable,
          .message = fmt::format("{} {}: {}", tls ? "no TLS with" : "cannot reach", Place(params), reason),
          .hint = tls ? TlsHint(params, reason) : (Has(reason, "refused") ? kRefusedHint : kReachHint),
          .session_fate = SessionFate::kDiscard};
}

Error LoginTimeout(const ConnectParams& params, LoginPhase phase, bool own_limit) {
  static constexpr std::string_view kWhat[] = {"no answer from", "no TLS handshake with", "no answer to the login at"};
  const auto index = static_cast<std::size_t>(phase);
  const std::string limit = own_limit ? fmt::format("within CONNECT_TIMEOUT of {} ms", params.connect_timeout.count())
                                      : "before the caller's deadline";
  return {.code = own_limit ? ErrorCode::kUnavailable : ErrorCode::kDeadlineExceeded,
          .message = fmt::format("{} {} {}", kWhat[index], Place(params), limit),
          .hint = phase == LoginPhase::kTcp ? kReachHint
                                            : "Something listens there but does not speak as a Redshift or PostgreSQL "
                                              "server in time: check host and port, or raise CONNECT_TIMEOUT.",
          .session_fate = SessionFate::kDiscard};
}

Error LoginStopped(const ConnectParams& params) {
  return {.code = ErrorCode::kCancelled,
          .message = fmt::format("the login at {} was given up before it had ended", Place(params)),
          .hint = "It was cancelled; nothing was run.",
          .session_fate = SessionFate::kDiscard};
}

bool TryNextAddress(const Error& error) {
  if (error.code == ErrorCode::kDeadlineExceeded) return true;
  // Not a refusal that every address of the host would repeat (3D000).
  return error.code == ErrorCode::kUnavailable &&
         (error.Sqlstate().starts_with("08") || error.Sqlstate().starts_with("57P"));
}

}  // namespace berth::session
