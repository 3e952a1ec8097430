#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/connection_tuning.h"
#include "berth/deadline.h"
#include "berth/password_kind.h"
#include "berth/secret.h"
#include "catalog/job_records.h"

// What the catalog remembers: plain rows. Times are RFC 3339 in UTC ("2026-11-22T13:28:01.123Z").
namespace berth::catalog {

using berth::PasswordKind;

struct Stamp {
  std::string created_at, created_by, modified_at, modified_by;  // by: "user@host program"
};

// PAUSE CONNECTION: new leases wait or are refused, until RESUME or, where there is an end, until then.
struct Pause {
  Clock::Wall at{};
  std::string by;  // "user@host program"
  std::optional<Clock::Wall> until;
  bool refuse = false;  // else new leases wait
  std::string comment;

  bool Over(Clock::Wall now) const { return until && *until <= now; }
  friend bool operator==(const Pause&, const Pause&) = default;
};

// The group that a connection is in. Only the id is the connection's own to write; the rest is read with it.
struct GroupPlace {
  std::int64_t id = 0;
  std::string name;
  std::int64_t version = 0;
  std::int32_t max_concurrent_connections = 0;
  std::int32_t reserved_before = 0;  // RESERVED over the group's connections of smaller ids
  std::int32_t reserved_total = 0;   // over all of them
};

// Where a password comes from, under a name: without its literal.
struct StoredSecret {
  std::int64_t id = 0;       // never used again
  std::int64_t version = 0;  // grows with every change
  std::string name;
  PasswordKind kind = PasswordKind::kLiteral;  // never kSecret
  std::string reference;                       // kEnv, kFile, kCommand
  Stamp stamp;
};

// The secret that a connection's password is. Only the id is the connection's own to write; the rest is read with it.
struct SecretPlace {
  std::int64_t id = 0;
  std::string name;
  PasswordKind kind = PasswordKind::kLiteral;
  std::string reference;
};

// PASSWORD_NEXT: tried when the password is refused, and the password from its first success on.
struct NextPassword {
  PasswordKind kind = PasswordKind::kLiteral;           // kLiteral, kEnv, kFile or kCommand
  std::string reference;                                // kEnv, kFile, kCommand
  std::int64_t version = 0;                             // of the connection when it was set: which one it is
  std::int64_t rotation_pid = 0, rotation_started = 0;  // the process that rotates (base/process.h); 0: nobody does
};

// Without its literal password, which a login needs and a listing must not have: see Transaction::OpenPassword.
struct Connection {
  std::int64_t id = 0;             // never used again
  std::int64_t version = 0;        // grows with every change
  std::int64_t login_version = 0;  // grows when URL, user or password change
  std::string name;
  std::string connection_string, host;
  std::uint16_t port = 0;
  std::string database, user_name;
  PasswordKind password_kind = PasswordKind::kLiteral;
  std::string password_reference;                          // kEnv, kFile, kCommand
  std::optional<SecretPlace> secret;                       // kSecret
  std::optional<NextPassword> next;                        // nullopt: none; set by Transaction::SetNextPassword
  std::optional<std::int32_t> max_concurrent_connections;  // nullopt: the default
  std::string comment;
  ConnectionTuning tuning;
  std::optional<GroupPlace> group;
  std::optional<Pause> pause;  // may be over
  Stamp stamp;
};

// Connections of one cluster, which has one limit.
struct ConnectionGroup {
  std::int64_t id = 0;       // never used again
  std::int64_t version = 0;  // grows with every change, also of which connections are in it and what they reserve
  std::string name;
  std::int32_t max_concurrent_connections = 0;
  std::string comment;
  Stamp stamp;
};

enum class TableState : std::uint8_t {
  kRecorded,
  kCreating,  // an intent: CREATE TABLE was sent, or is about to be
  kDropping,  // an intent: DROP TABLE was sent, or is about to be
};
struct Table {
  std::int64_t id = 0;
  std::int64_t connection_id = 0;
  std::string schema, name;
  TableState state = TableState::kRecorded;
  bool attached = false;                            // recorded by ATTACH, not made by CREATE TABLE
  std::int64_t intent_pid = 0, intent_started = 0;  // of an intent: who is at it (base/process.h); 0: not known
  Stamp stamp;
};

enum class Role : std::uint8_t {
  kTarget,
  kSource,
  kStaging,  // the job makes it and reads it
  kConnection,
};
std::string_view RoleName(Role role);  // "target", "source", "staging", "connection"

enum class Found : std::uint8_t {
  kDeclared,  // a statement said so
  kParsed,    // PostgreSQL's grammar read the body
  kScanned,   // only the body's tokens were looked at
};
std::string_view FoundName(Found found);  // "declared", "parsed", "scanned"

// An edge: job -> connection, and the table if one is named.
struct Edge {
  std::int64_t connection_id = 0;
  Role role = Role::kConnection;
  std::string schema, table;  // both empty for kConnection
  Found found = Found::kDeclared;
};

struct Job {
  std::int64_t id = 0;
  std::int64_t version = 0;
  std::string name;
  bool external = false;  // lives elsewhere (ATTACH JOB): no body
  bool sync = false, script = false;
  std::string body;                           // as written
  std::optional<std::int64_t> connection_id;  // where it runs; external jobs have none
  std::string comment;
  JobPlan plan;
  std::optional<JobPause> pause;
  std::optional<Clock::Wall> ticked;  // what was due until then has been taken, or is not wanted
  std::optional<JobRun> last_run;     // only InsertJobRun writes it
  Stamp stamp;
  std::vector<Edge> edges;
};

struct DependentTable {
  std::string schema, name;
  TableState state = TableState::kRecorded;
  bool attached = false;
};
struct DependentJob {
  std::string name;
  bool external = false;
  Role role = Role::kConnection;
  std::string schema, table;  // the table of the edge
  Found found = Found::kDeclared;
  std::int64_t id = 0;
  bool scheduled = false, paused = false;
  std::optional<RunState> last_run;
};
struct ConnectionUse {
  std::string used_by;  // "user@host program"
  std::string last_used_at;
};
struct Dependents {
  std::vector<DependentTable> tables;  // by schema and name
  std::vector<DependentJob> jobs;      // by name; a job with several edges stands several times
  std::vector<ConnectionUse> uses;     // the latest first; they keep nobody from dropping it
  bool empty() const { return tables.empty() && jobs.empty(); }
};

// Somebody who may use connections through the Data API.
struct ServiceUser {
  std::int64_t id = 0;  // never used again
  std::string name;
  bool admin = false;  // may run catalog statements through the service
  std::string comment;
  Stamp stamp;
};

// What a service user signs with; without its secret, see Transaction::OpenAccessKey.
struct AccessKey {
  std::string id;
  std::int64_t user_id = 0;
  std::string user_name;  // read with it
  bool enabled = true;
  std::optional<Clock::Wall> expires_at;
  std::optional<std::string> last_used_at;  // noted at most once a minute
  std::string comment;
  Stamp stamp;

  bool Live(Clock::Wall now) const { return enabled && (!expires_at || *expires_at > now); }
};

// The user may use the connection.
struct Grant {
  std::int64_t connection_id = 0, user_id = 0;
  std::string connection_name, user_name;                  // read with it
  std::optional<std::int32_t> max_active, max_concurrent;  // nullopt: the service's own limit
  Stamp stamp;
};

// One change of one object, as the history has it.
struct ChangeRow {
  std::int64_t id = 0;       // grows; 0: rehearsed
  std::string changed_at;    // set when it is inserted, as are the next two
  std::string changed_by;    // "user@host program"
  std::string service_user;  // of the Data API; empty: none
  std::string action;        // "create", "alter", "rename", "drop", "attach", "detach", "grant", "revoke", "enable", ..
  std::string object_type;   // "connection", "connection group", "secret", "table", "job", "service user", "access key"
  std::int64_t object_id = 0;
  std::string object_name;                      // its name then; a table's is schema.table
  std::string options;                          // "COMMENT, PASSWORD": which were changed, never their values
  std::optional<std::int64_t> connection_id;    // that it concerns
  std::vector<std::int64_t> other_connections;  // that it concerns as well; read: each is a row of its own
  std::string connection_name;                  // read with it: the name by now, or the last one
  std::string statement;                        // secrets masked
};

// When a connection was last altered.
struct ConnectionChange {
  std::int64_t id = 0;
  std::string modified_at;
};

// What `berth migrate` did: a file has one or more parts, each for the catalog or for one connection.
struct MigrationRow {
  enum class Type : std::uint8_t {
    kSql,     // `part` is done
    kStart,   // a file of several parts was begun; part 0
    kDelete,  // repair: the script is gone and its rows no longer count; part 0
  };
  std::int64_t rank = 0;               // grows
  std::optional<std::string> version;  // nullopt: repeatable
  std::string description, script, checksum;
  Type type = Type::kSql;
  std::int64_t part = 0, parts = 0;           // from 1; of how many
  std::string target;                         // the connection's name then; empty: the catalog
  std::optional<std::int64_t> connection_id;  // of target
  std::string installed_on, installed_by;     // set when it is inserted
  std::int64_t execution_ms = 0;
};

}  // namespace berth::catalog
