#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/keeping.h"
#include "berth/rows.h"
#include "berth/secret.h"

namespace berth {

// Asks the person at the terminal, without echo, for the password of `user` on `connection` (PASSWORD = PROMPT). Called
// on the thread that executes. Errors: kCancelled.
using PasswordPrompt = std::function<Result<Secret>(std::string_view connection, std::string_view user)>;

struct EngineOptions {
  std::string catalog_uri;        // "sqlite:PATH"
  std::string key_file;           // empty: BERTH_KEY_FILE's value is the caller's to pass; else beside the catalog
  std::string program = "berth";  // told to the server as application_name and kept as created_by's program
  const Clock* clock = nullptr;   // null: the system's
  std::chrono::milliseconds catalog_open_max{10'000};         // Open waits so long for others who make or upgrade it
  std::chrono::milliseconds catalog_transaction_max{60'000};  // from the first statement of BEGIN .. COMMIT
  // A thread that is the only one with a session of its connection looks so often whether an answer is there before it
  // sleeps; nullopt: some tens of microseconds. For a program that does nothing but one short statement after the
  // other.
  std::optional<unsigned> eager_looks;
  PasswordPrompt ask_password;  // null: a connection with PASSWORD = PROMPT cannot log in
};

enum class TransactionState : std::uint8_t {
  kNone,
  kWarehouse,        // BEGIN was sent to the connection in use
  kFailedWarehouse,  // as above, and a statement in it failed
  kCatalog,          // a transaction over catalog statements
  kFailedCatalog,
};

struct ConversationState {
  std::string connection;  // in use; empty: none
  TransactionState transaction = TransactionState::kNone;
  bool backslash_escapes = false;  // the server reads '\' in plain strings as an escape: the splitter must as well
  bool session_open = false;       // a session is held between statements
  bool session_usable = false;     // .. and as far as a look at its socket tells, it is not lost
};

struct SessionFacts {
  std::string connection, host, database, user, server_version;
  std::uint16_t port = 0;
  std::int32_t backend_pid = 0;
  bool tls = false;
  bool redshift = false;  // else the server is a PostgreSQL
};

// A connection of the catalog as others are told of it.
struct ConnectionFacts {
  std::int64_t id = 0;  // never used again
  std::string name, host, database, user;
  std::uint16_t port = 0;
  std::size_t sessions_max = 0;                           // its cap
  std::string cluster_identifier, workgroup, secret_arn;  // what a Data API client may call it; empty: not set
};

// An access key of a service user, as the check of a signature needs it.
struct AccessKeyFacts {
  std::string user;
  Secret secret;
  bool enabled = true;
  std::optional<Clock::Wall> expires_at;
};

// The service user may use the connection. nullopt: the service's own limit.
struct GrantFacts {
  std::string user, connection;
  std::optional<std::int32_t> max_active, max_concurrent;
};

// A client of a service, for whom a conversation runs statements.
struct ServedUser {
  std::string name;
  bool known = true;  // a service user of the catalog; false: nobody had to say who he is
};

using WaitingSink = std::function<void(const std::string& line)>;
using StepSink = std::function<void(std::size_t done, std::size_t all)>;

// What one caller keeps between statements: the connection in use, an open transaction, settings, its lease. One thread
// at a time; Cancel() from any. An Outcome must be destroyed before its Conversation and before the next Execute.
class Conversation {
 public:
  virtual ~Conversation() = default;  // rolls back what is open and gives back the session

  // Runs one statement (no trailing semicolon needed). Berth's own statements act on the catalog; all others go to the
  // connection in use, byte for byte. `parameters` go to $1, $2 ..
  virtual Result<Outcome> Execute(std::string_view text, Parameters parameters, Deadline deadline) = 0;
  // As Execute, but the text goes to the connection in use whatever it says: nothing in it is read as Berth's own.
  virtual Result<Outcome> Pass(std::string_view text, Parameters parameters, Deadline deadline) = 0;
  // Takes the session that the next statement of the connection in use runs on, unless one is held, and keeps it for
  // that. Nothing is sent. Errors: kResourceExhausted (no session by the deadline or the connection's own limit for
  // waiting), kInvalidArgument (08003: no connection in use), and those of a login.
  virtual Result<SessionFacts> Connect(Deadline deadline) = 0;
  // From now on its statements are that user's; to be called before the first. The server is told his name
  // (application_name), and no session shows him what another user's statements left in it. Execute() lets him do to
  // the catalog what a service lets its users do (engine/served.h), and USE nothing.
  virtual void Serve(ServedUser user) = 0;
  // As USE CONNECTION name: no session is opened. Errors: kNotFound.
  virtual Status Use(std::string_view connection) = 0;
  // Asks the statement that runs to end with kCancelled (57014); it keeps its session. Nothing runs: no effect.
  virtual void Cancel() = 0;
  virtual ConversationState state() const = 0;
  // The session held now; nullopt: none is.
  virtual std::optional<SessionFacts> session() const = 0;
  // Called on the thread that executes.
  virtual void SetNoticeSink(NoticeSink sink) = 0;
  // Called on the thread that executes, about once a second while it waits for a session: the place in line and who
  // holds what it waits for; one line. Null: nobody wants to know.
  virtual void SetWaitingSink(WaitingSink sink) = 0;
  // Called on the thread that executes, before each statement of a job's script: how many are done, of how many. Null:
  // nobody wants to know.
  virtual void SetStepSink(StepSink sink) = 0;
  // What a COPY .. FROM STDIN among the next statements reads. Null: such a statement is refused (kNotSupported).
  virtual void SetClientData(ClientData data) = 0;
};

struct ReserveRequest {
  std::string connection;  // as Conversation::Use reads it
  std::size_t slots = 1;
  Deadline deadline;  // for the slots
  // Called on the caller's thread, about once a second while it waits: the place in line, who holds what is missing;
  // one line. Null: nobody wants to know.
  std::function<void(const std::string&)> waiting;
};

// Slots of a connection that are kept for a program which opens sessions of its own. Gives them back when destroyed,
// unless they were bequeathed. One thread; the engine must outlive it.
class Reservation {
 public:
  virtual ~Reservation() = default;
  // To be followed by execve() in this process, or by its end: the slots are `program`'s now, and last until the last
  // of its descendants that has the inherited descriptor open is gone. Returns the environment for it: `inherited`
  // ("NAME=value" each), with where and as whom to log in as libpq's variables and as AIRFLOW_CONN_<NAME>. It holds the
  // password: it is for execve() alone.
  virtual Result<std::vector<std::string>> Bequeath(std::string_view program, std::vector<std::string> inherited) = 0;
};

// The connection manager. Safe from many threads at once. Must outlive its conversations.
class Engine {
 public:
  // Opens the catalog (makes it if it is not there). Errors: kCatalogUnavailable, kCatalogCorrupt, kInvalidArgument.
  static Result<std::unique_ptr<Engine>> Open(EngineOptions options);
  virtual ~Engine() = default;

  virtual std::unique_ptr<Conversation> NewConversation() = 0;
  // One statement on any session of `connection` (may be empty for catalog statements); keeps nothing between calls.
  virtual Result<Outcome> Execute(std::string_view text, std::string_view connection, Parameters parameters,
                                  Deadline deadline) = 0;
  // Slots for a program that Berth does not run, all or none, within the deadline. Asks for the password on this thread
  // where it is PROMPT. Errors: kNotFound, kLimitExceeded (more than the cap), kResourceExhausted (53300: none came
  // free in time; names the limit, the numbers, the longest holders), kUnauthenticated where the password cannot be had
  // or refused logins have suspended the connection.
  virtual Result<std::unique_ptr<Reservation>> Reserve(const ReserveRequest& request) = 0;
  // All connections, by name. Errors: the catalog's.
  virtual Result<std::vector<ConnectionFacts>> Connections() = 0;
  // Changes whenever any process has committed to the catalog: cheap, for caches.
  virtual Result<std::int64_t> CatalogVersion() = 0;
  // The keys that texts beside the catalog are sealed with: those of its passwords, the one that counts first, behind
  // it those that were before it; made if there is none yet. Errors: kFailedPrecondition (the key file is none, or
  // others may read it), kCatalogUnavailable, kDiskFull.
  virtual Result<std::vector<Secret>> SealingKeys() = 0;
  // nullopt: there is none of that id. Errors: the catalog's; kFailedPrecondition or kCatalogCorrupt where its secret
  // does not open.
  virtual Result<std::optional<AccessKeyFacts>> FindAccessKey(std::string_view id) = 0;
  // Notes in the catalog when a key was last used; waits for a tenth of a second at most.
  virtual Status NoteKeyUse(std::string_view id, Clock::Wall at) = 0;
  // All grants of connections to service users. Errors: the catalog's.
  virtual Result<std::vector<GrantFacts>> Grants() = 0;
  // Copies the catalog into `folder`, which is empty or not there, while it is in use. `with_key`: the key file as
  // well; who has both can read the passwords. Errors: kAlreadyExists, kFailedPrecondition (the key is not there),
  // kDiskFull, kCatalogUnavailable.
  virtual Result<BackupReport> BackUp(const std::string& folder, bool with_key) = 0;
  // Seals the passwords with a new key; the old ones stay in the key file behind it. Whenever the process dies, every
  // password opens, and the next call brings it to its end. Errors: kFailedPrecondition, kDiskFull,
  // kCatalogUnavailable.
  virtual Result<RekeyReport> ChangeKey() = 0;
  // Looks at all that is stored and mends what a crash left; a warehouse is asked about tables whose CREATE or DROP was
  // cut off. Errors: the catalog's, where it cannot be looked at.
  virtual Result<CheckReport> Check(Deadline deadline) = 0;
  // Where the catalog is, as text for a person ("sqlite:/home/u/.local/share/berth/catalog.db").
  virtual std::string CatalogName() const = 0;
};

}  // namespace berth
