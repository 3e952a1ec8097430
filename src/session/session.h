#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/rows.h"
#include "berth/secret.h"
#include "session/interrupt.h"

namespace berth::session {

// Looks at the socket that find nothing, some tens of microseconds in all; before each, whoever else wants the
// processor has it.
inline constexpr unsigned kEagerLooks = 150;

// All that is needed to open a session; built by engine/ from a catalog record. Every libpq keyword is given
// explicitly, so that no PG* variable, ~/.pgpass, pg_service.conf or ~/.postgresql has a say.
struct ConnectParams {
  std::string host;
  std::uint16_t port = 5439;
  std::string database;
  std::string user;
  Secret password;
  std::optional<Secret> next_password;  // for whoever tries again where the first is refused; not used here
  std::function<void()> next_accepted;  // the server took it; may be null
  std::string sslmode = "verify-full";
  std::string sslrootcert;  // empty: the system's certificates
  std::string sslcert, sslkey;
  Secret sslpassword;
  std::string application_name;
  std::string search_path;  // empty: the server's
  std::string query_group;  // empty: none; Redshift only
  bool tcp_keepalive = true;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds socket_timeout{0};  // the longest silence of the server in a statement; 0: any
  unsigned eager_looks = kEagerLooks;           // see Session::SetEager
};

enum class SessionState : std::uint8_t { kIdle, kActive, kInTransaction, kFailedTransaction, kBroken };

// What statements may have left behind for the next holder (DESIGN "Sessions").
enum class Stain : std::uint8_t {
  kNone,      // plain queries and DML
  kSettings,  // SET, RESET, PREPARE, set_config: Reset() cleans it
  kObjects,   // CREATE TABLE, SELECT INTO, CALL, DO, SET ROLE, LISTEN, cursors WITH HOLD, the server's USE: close it
};

struct ServerInfo {
  bool redshift = false;
  std::int32_t version = 0;  // PQserverVersion: 150005, 80002
  std::string version_text;  // server_version parameter
  std::int32_t backend_pid = 0;
  std::int32_t cancel_key = 0;
  bool tls = false;
  std::string user;
  std::int32_t user_limit = -1;             // his CONNECTION LIMIT; -1: none, or not told
  Clock::Steady opened{};                   // when its login had ended
  std::chrono::microseconds login_took{0};  // from the user's name to the server's consent
};

// One open link to the server. One thread at a time; Cancel() from any. Closes when destroyed, and returns from that
// only once the server has closed its end of the socket, or after kCloseWait (so a slot that rides on it falls no
// sooner).
class Session {
 public:
  virtual ~Session() = default;

  // Sends `sql` untouched: by the simple protocol without parameters (several statements may stand in it), else by the
  // extended one. Returns once the first result's columns or tag are here. The rows must die before the next call and
  // before the session. Errors: the server's (kServer, with its SQLSTATE, DETAIL, HINT, position as span), kSessionLost
  // (08006; in_doubt if the text may have been committed), kDeadlineExceeded and kCancelled (57014; the server was
  // asked to stop and the session is kept if it did so in time), kNotSupported for COPY TO STDOUT, and for
  // COPY FROM STDIN without client data.
  virtual Result<Outcome> Execute(std::string_view sql, Parameters parameters, Deadline deadline) = 0;
  // From any thread: the statement that runs ends with kCancelled. Never blocks. Nothing runs: no effect.
  virtual void Cancel() = 0;
  // Back to kIdle and clean: ROLLBACK, RESET SESSION AUTHORIZATION, RESET ALL, DEALLOCATE by name, each result checked,
  // then the startup settings again. An error means: close it. Valid on Redshift (no DISCARD, no DEALLOCATE ALL there).
  // A stain of kObjects stays: that session is to be closed.
  virtual Status Reset(Deadline deadline) = 0;
  // From now on it runs statements of `user`, a client of a service: the server is told `application_name`, and nothing
  // that another user's statements left is there any more, as after Reset(); on PostgreSQL that is looked at. Nothing
  // is sent where it serves that user already. Reset() ends it; an empty user is nobody in particular. An error means:
  // close it.
  virtual Status ServeUser(std::string_view /*user*/, std::string_view /*application_name*/, Deadline /*deadline*/) {
    return {};
  }
  // A round trip that proves the session is alive.
  virtual Status Ping(Deadline deadline) = 0;
  // The password of `user` as ALTER USER takes it in place of the password itself: the kind of hash that this server
  // stores. It holds no quote and no backslash. Errors: kNotSupported, those of Ping.
  virtual Result<std::string> HashPassword(const std::string& /*user*/, const Secret& /*password*/,
                                           Deadline /*deadline*/) {
    return Error{.code = ErrorCode::kNotSupported, .message = "this kind of session hashes no passwords"};
  }
  // A free look at the socket, no system call that can block: false if the server has hung up or said something
  // unasked.
  virtual bool LooksAlive() = 0;

  virtual SessionState state() const = 0;
  virtual Stain stain() const = 0;  // the worst since it was opened or Reset
  virtual const ServerInfo& server() const = 0;
  // standard_conforming_strings is off, or the server (Redshift) does not report it.
  virtual bool backslash_escapes() const = 0;
  virtual void SetNoticeSink(NoticeSink sink) = 0;
  // What the next Execute sends where its text is a COPY .. FROM STDIN; it is forgotten when that statement is over.
  virtual void SetClientData(ClientData data) = 0;
  // Whether waiting for the server may begin with some looks at the socket (eager_looks) before the thread goes to
  // sleep. For a session whose thread is the only one at work: waking up takes as long as a short statement.
  virtual void SetEager(bool eager) = 0;
  // The processor on which the answers arrive, as of some statements ago (kPlaceEvery); -1: not known. For a server on
  // this machine it is the one on which its process runs.
  virtual int processor() const { return -1; }
};

inline constexpr std::chrono::milliseconds kCloseWait{2'000};
inline constexpr std::chrono::milliseconds kCancelGrace{
    5'000};  // for the server to answer a cancel; then the session is lost

// The seam under the pool: libpq in the program, a fake in the tests. Safe from many threads.
class SessionFactory {
 public:
  virtual ~SessionFactory() = default;
  // Errors: kUnavailable (08001: name, TCP, TLS; says which host and port and what to do), kUnauthenticated (28xxx),
  // kResourceExhausted (53300: the server has no room), kUnavailable as well for other refusals of a login (3D000: no
  // such database), kDeadlineExceeded, kCancelled: `stop`, which may be null, was fired.
  virtual Result<std::unique_ptr<Session>> Open(const ConnectParams& params, Deadline deadline, Interrupt* stop) = 0;
  // Asks the server to stop what the session `pid` runs, which another process has left behind. OK: it has been told.
  virtual Status CancelBackend(const ConnectParams& params, std::int32_t pid, std::int32_t key, Deadline deadline) = 0;
};

// libpq. `clock` must outlive it. Takes PGSERVICE, PGTZ, PGDATESTYLE and PGGEQO out of the process's environment, where
// they are set: libpq obeys them and has no keyword against them. So make it before threads that read the environment.
std::unique_ptr<SessionFactory> MakeLibpqFactory(const Clock& clock);

}  // namespace berth::session
