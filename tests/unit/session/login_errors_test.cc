#include "session/login_errors.h"

#include <doctest/doctest.h>

namespace berth::session {
namespace {

ConnectParams Params() {
  ConnectParams params;
  params.host = "h.example";
  params.user = "u";
  params.database = "dev";
  params.password = Secret("geheim-1");
  return params;
}

struct Row {
  const char* text;
  ErrorCode code;
  const char* sqlstate;
  const char* message;
  const char* hint_has;
};

void Check(const Row& row) {
  CAPTURE(row.text);
  const Error error = LoginError(Params(), row.text);
  CHECK(error.code == row.code);
  CHECK(error.Sqlstate() == row.sqlstate);
  CHECK(error.message == row.message);
  CHECK_MESSAGE(error.hint.find(row.hint_has) != std::string::npos, error.hint);
  CHECK(error.session_fate == SessionFate::kDiscard);
}

TEST_CASE("what the server says to a login") {
  const Row rows[] = {
      {"connection to server at \"1.2.3.4\", port 5439 failed: FATAL:  28P01: password authentication failed for user "
       "\"u\"\nLOCATION:  auth_failed, auth.c:326\n",
       ErrorCode::kUnauthenticated, "28P01",
       "h.example:5439 refused the login of \"u\": password authentication failed for user \"u\"",
       "Check USER_NAME and PASSWORD: ALTER REDSHIFT CONNECTION .. SET"},
      {"connection to server at \"1.2.3.4\", port 5439 failed: FATAL:  28000: no pg_hba.conf entry for host\n",
       ErrorCode::kUnauthenticated, "28000", "h.example:5439 refused the login of \"u\": no pg_hba.conf entry for host",
       "sslmode"},
      {"failed: FATAL:  53300: sorry, too many clients already\n", ErrorCode::kResourceExhausted, "53300",
       "h.example:5439 refused the login of \"u\": sorry, too many clients already", "MAX_CONCURRENT_CONNECTIONS"},
      {"failed: FATAL:  XX000: connection limit \"500\" exceeded for non-bootstrap users\n",
       ErrorCode::kResourceExhausted, "53300",
       "h.example:5439 refused the login of \"u\": connection limit \"500\" exceeded for non-bootstrap users", "Wait"},
      {"failed: FATAL:  3D000: database \"dev\" does not exist\n", ErrorCode::kUnavailable, "3D000",
       "h.example:5439 refused the login of \"u\": database \"dev\" does not exist", "CONNECTION_STRING"},
      {"failed: FATAL:  57P03: the database system is starting up\n", ErrorCode::kUnavailable, "57P03",
       "h.example:5439 refused the login of \"u\": the database system is starting up", "try again"},
  };
  for (const Row& row : rows) Check(row);
}

TEST_CASE("what libpq says itself") {
  const Row rows[] = {
      {"connection to server at \"1.2.3.4\", port 5439 failed: Connection refused\n\tIs the server running on that "
       "host "
       "and accepting TCP/IP connections?\n",
       ErrorCode::kUnavailable, "08001", "cannot reach h.example:5439: Connection refused", "nothing listens"},
      {"connection to server at \"1.2.3.4\", port 5439 failed: authentication method 13 not supported\n",
       ErrorCode::kUnauthenticated, "28000",
       "h.example:5439 asks \"u\" for a SHA-256 digest (authentication method 13), which libpq does not speak",
       "get-cluster-credentials"},
      {"connection to server at \"1.2.3.4\", port 5439 failed: fe_sendauth: no password supplied\n",
       ErrorCode::kUnauthenticated, "28P01", "h.example:5439 asks \"u\" for a password and the connection has none",
       "ALTER REDSHIFT CONNECTION .. SET PASSWORD"},
      {"connection to server at \"1.2.3.4\", port 5439 failed: SSL error: certificate verify failed\n",
       ErrorCode::kUnavailable, "08001", "no TLS with h.example:5439: SSL error: certificate verify failed",
       "/etc/ssl/certs/ca-certificates.crt"},
      {"connection to server at \"1.2.3.4\", port 5439 failed: server does not support SSL, but SSL was required\n",
       ErrorCode::kUnavailable, "08001",
       "no TLS with h.example:5439: server does not support SSL, but SSL was required", "ssl=false"},
      {"connection to server at \"1.2.3.4\", port 5439 failed: server certificate for \"a\" does not match host name "
       "\"h.example\"\n",
       ErrorCode::kUnavailable, "08001",
       "no TLS with h.example:5439: server certificate for \"a\" does not match host name \"h.example\"", "endpoint"},
  };
  for (const Row& row : rows) Check(row);
}

TEST_CASE("a login that took too long names the limit and how far it came") {
  const Error own = LoginTimeout(Params(), LoginPhase::kTcp, true);
  CHECK(own.code == ErrorCode::kUnavailable);
  CHECK(own.message == "no answer from h.example:5439 within CONNECT_TIMEOUT of 10000 ms");
  CHECK(own.hint.find("security group") != std::string::npos);
  const Error callers = LoginTimeout(Params(), LoginPhase::kLogin, false);
  CHECK(callers.code == ErrorCode::kDeadlineExceeded);
  CHECK(callers.message == "no answer to the login at h.example:5439 before the caller's deadline");
}

}  // namespace
}  // namespace berth::session
