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
#include "berth/secret.h"
#include "catalog/records.h"

namespace berth::catalog {

// One unit of work on the catalog; rolled back unless Commit() was called. One thread at a time. A write transaction
// holds the catalog's only write lock from its beginning, so what it reads stays true until it commits: a drop that
// looks for dependents and a concurrent CREATE JOB can never both succeed. Look-ups by name are exact; names differing
// only in case cannot both exist. All errors may also be kCatalogUnavailable, kCatalogCorrupt, kDiskFull,
// kCatalogReadOnly.
class Transaction {
 public:
  virtual ~Transaction() = default;

  virtual Result<std::optional<Connection>> FindConnection(std::string_view name) = 0;
  virtual Result<std::optional<Connection>> FindConnectionById(std::int64_t id) = 0;
  // The existing name that differs from `name` at most in case; nullopt: there is none. Any kind of `object`.
  virtual Result<std::optional<std::string>> FindConnectionLike(std::string_view name) = 0;
  virtual Result<std::vector<Connection>> ListConnections() = 0;          // by name
  virtual Result<std::vector<std::string>> ConnectionNames() = 0;         // in no order; soon, however many there are
  virtual Result<std::vector<ConnectionChange>> ConnectionChanges() = 0;  // as ConnectionNames()
  // Sets id, version and stamp and returns the whole. `literal`: for kLiteral, sealed; the sealed text is bound to id,
  // URL, host and user. The first one makes the key file. Errors: kAlreadyExists (also for a name that differs only in
  // case, which it names), kFailedPrecondition (the key is missing, or not the one that other passwords are sealed
  // with).
  virtual Result<Connection> InsertConnection(Connection connection, const Secret& literal) = 0;
  // Writes every column of the row with connection.id; version and, if `login_changed`, login_version grow. `literal`
  // nullptr: the password stays (it is sealed again if URL, host or user changed). No `next`: PASSWORD_NEXT goes; with
  // one it stays (version 0 says in the history that another follows). Errors: kNotFound, kAlreadyExists
  // (rename), those of OpenPassword where it is sealed again.
  virtual Result<Connection> UpdateConnection(Connection connection, const Secret* literal, bool login_changed) = 0;
  virtual Status DeleteConnection(std::int64_t id) = 0;  // kDependentsExist if an edge is left (foreign keys)
  // The literal password of a kLiteral connection. Errors: kCatalogCorrupt (the row was edited: the seal is bound to
  // id, URL, host and user), kFailedPrecondition (the key is missing or another: names its fingerprint; or the row says
  // another URL, host or user than `connection` by now).
  virtual Result<Secret> OpenPassword(const Connection& connection) = 0;

  // PASSWORD_NEXT. nullptr: there is none any more. `literal`: for kLiteral, sealed as the password is. Its version is
  // set here. For the history it is part of the InsertConnection or UpdateConnection before it, if the same statement
  // was described for both. Errors: those of UpdateConnection.
  virtual Status SetNextPassword(std::int64_t connection_id, const NextPassword* next, const Secret& literal) = 0;
  // The literal of a kLiteral one. Errors: those of OpenPassword.
  virtual Result<Secret> OpenNextPassword(const Connection& connection) = 0;
  // It becomes the password if it still is the one of that version; false: it is not.
  virtual Result<bool> PromoteNextPassword(std::int64_t connection_id, std::int64_t next_version) = 0;

  virtual Result<std::optional<StoredSecret>> FindSecret(std::string_view name) = 0;
  virtual Result<std::optional<std::string>> FindSecretLike(std::string_view name) = 0;
  virtual Result<std::vector<StoredSecret>> ListSecrets() = 0;                                // by name
  virtual Result<std::vector<Connection>> ConnectionsWithSecret(std::int64_t secret_id) = 0;  // by name
  // `literal`: for kLiteral, sealed; the sealed text is bound to the id. Errors: kAlreadyExists, those of
  // InsertConnection for the key.
  virtual Result<StoredSecret> InsertSecret(StoredSecret secret, const Secret& literal) = 0;
  // `literal` nullptr: its value stays. Otherwise all connections that use it have another login from here on.
  virtual Result<StoredSecret> UpdateSecret(StoredSecret secret, const Secret* literal) = 0;
  virtual Status DeleteSecret(std::int64_t id) = 0;  // kDependentsExist if a connection uses it
  // The literal of a kLiteral one. Errors: those of OpenPassword.
  virtual Result<Secret> OpenSecret(std::int64_t id) = 0;

  virtual Result<std::optional<ConnectionGroup>> FindGroup(std::string_view name) = 0;
  virtual Result<std::optional<ConnectionGroup>> FindGroupById(std::int64_t id) = 0;
  virtual Result<std::optional<std::string>> FindGroupLike(std::string_view name) = 0;
  virtual Result<std::vector<ConnectionGroup>> ListGroups() = 0;                          // by name
  virtual Result<std::vector<Connection>> ConnectionsInGroup(std::int64_t group_id) = 0;  // by name
  virtual Result<ConnectionGroup> InsertGroup(ConnectionGroup group) = 0;                 // kAlreadyExists
  virtual Result<ConnectionGroup> UpdateGroup(ConnectionGroup group) = 0;                 // kAlreadyExists (rename)
  virtual Status DeleteGroup(std::int64_t id) = 0;  // kDependentsExist if a connection is in it

  virtual Result<std::optional<Table>> FindTable(std::int64_t connection_id, std::string_view schema,
                                                 std::string_view name) = 0;
  virtual Result<Table> InsertTable(Table table) = 0;  // kAlreadyExists
  virtual Status UpdateTableState(std::int64_t id, TableState state) = 0;
  virtual Status DeleteTable(std::int64_t id) = 0;
  virtual Result<std::vector<Table>> ListIntents() = 0;  // tables that are being created or dropped, or were cut off

  virtual Result<std::optional<Job>> FindJob(std::string_view name) = 0;
  virtual Result<std::optional<std::string>> FindJobLike(std::string_view name) = 0;
  virtual Result<std::vector<Job>> ListJobs() = 0;          // by name, with edges
  virtual Result<std::vector<std::string>> JobNames() = 0;  // as ConnectionNames()
  virtual Result<Job> InsertJob(Job job) = 0;               // with its edges; kAlreadyExists
  virtual Result<Job> UpdateJob(Job job) = 0;               // every column, edges replaced
  virtual Status DeleteJob(std::int64_t id) = 0;            // with its edges

  virtual Result<std::optional<Job>> FindJobById(std::int64_t id) = 0;
  virtual Result<std::vector<Job>> ListScheduledJobs() = 0;  // by id, with edges; also the paused ones
  // Sets id, started, run_by and pid; it is its job's last run from now on, and its tick, if it has one, is taken.
  // Forgets what is beyond kRunsKept. Errors: kAlreadyExists (somebody has taken that attempt at that tick).
  virtual Result<JobRun> InsertJobRun(JobRun run) = 0;
  virtual Status UpdateJobRun(const JobRun& run) = 0;  // how it goes and how it ended; an id that is gone is fine
  virtual Result<std::optional<JobRun>> FindJobRun(std::int64_t id) = 0;
  // The latest first, at most `limit`; nullopt: of all jobs.
  virtual Result<std::vector<JobRun>> ListJobRuns(std::optional<std::int64_t> job_id, std::size_t limit) = 0;

  virtual Result<Dependents> DependentsOf(std::int64_t connection_id) = 0;
  // Whether a note says that this store's actor has used the connection within the last `within`.
  virtual Result<bool> UsedWithin(std::int64_t connection_id, std::chrono::milliseconds within) = 0;
  virtual Status NoteUse(std::int64_t connection_id) = 0;  // now; an id that is gone is fine
  // The jobs with an edge to that table.
  virtual Result<std::vector<DependentJob>> JobsOnTable(std::int64_t connection_id, std::string_view schema,
                                                        std::string_view table) = 0;

  virtual Result<std::optional<ServiceUser>> FindServiceUser(std::string_view name) = 0;
  virtual Result<std::optional<std::string>> FindServiceUserLike(std::string_view name) = 0;
  virtual Result<std::vector<ServiceUser>> ListServiceUsers() = 0;      // by name
  virtual Result<ServiceUser> InsertServiceUser(ServiceUser user) = 0;  // kAlreadyExists
  virtual Status UpdateServiceUser(const ServiceUser& user) = 0;        // admin and comment
  virtual Status DeleteServiceUser(std::int64_t id) = 0;                // with keys and grants
  virtual Result<std::optional<AccessKey>> FindAccessKey(std::string_view id) = 0;
  virtual Result<std::vector<AccessKey>> ListAccessKeys() = 0;  // by user, the oldest first
  // The sealed secret is bound to the key's id and user. Errors: those of InsertConnection's literal.
  virtual Status InsertAccessKey(const AccessKey& key, const Secret& secret) = 0;
  virtual Status EnableAccessKey(std::string_view id, bool enabled) = 0;
  virtual Status DeleteAccessKey(std::string_view id) = 0;
  // Errors: as OpenPassword's.
  virtual Result<Secret> OpenAccessKey(const AccessKey& key) = 0;
  virtual Status NoteKeyUse(std::string_view id, Clock::Wall at) = 0;  // an id that is gone is fine
  virtual Result<std::vector<Grant>> ListGrants() = 0;                 // by connection and user
  virtual Status PutGrant(const Grant& grant) = 0;                     // made, or its limits changed
  virtual Result<bool> DeleteGrant(std::int64_t connection_id, std::int64_t user_id) = 0;  // false: there was none

  // "user@host program", as created_by has it.
  virtual const std::string& actor() const = 0;
  // What the changes from here on were said with, for the history: a statement without secrets (cut at
  // kHistoryStatementBytesMax), and who asked for it where that is a service user.
  virtual void Describe(std::string_view statement, std::string_view service_user) = 0;
  // All that concerns a connection which has or had that name, the oldest first; of more than `most` the newest. A
  // change that concerns several connections is there once for each.
  virtual Result<std::vector<ChangeRow>> HistoryOf(std::string_view connection_name, std::int64_t most) = 0;
  virtual Result<std::vector<ChangeRow>> ListHistory(std::int64_t most) = 0;  // all of it; the newest `most`
  // Does `work` and undoes it, whatever becomes of it: gives the changes that it made. No key is made or changed. In a
  // write transaction. Errors: those of `work` come in `refused`, others as they are.
  virtual Result<std::vector<ChangeRow>> Rehearse(const std::function<Status()>& work, Status& refused) = 0;

  virtual Result<std::vector<MigrationRow>> ListMigrations() = 0;  // in the order in which they were done
  virtual Status InsertMigration(const MigrationRow& row) = 0;
  // The rows of `script` take script, description and checksum of `row`.
  virtual Status RealignMigration(std::string_view script, const MigrationRow& row) = 0;

  virtual Status Commit() = 0;
};

inline constexpr std::size_t kHistoryStatementBytesMax = 64u << 10;  // 64 KiB of a statement are kept

struct StoreOptions {
  std::string uri;       // "sqlite:PATH"
  std::string key_file;  // empty: PATH + ".key", made with mode 0600 at the first literal password
  std::string actor;     // "user@host program": created_by, modified_by
  const Clock* clock = nullptr;
  std::chrono::milliseconds open_wait_max{10'000};  // for another process that makes or upgrades the same file
};

enum class Access : std::uint8_t { kRead, kWrite };

// The catalog. Safe from many threads and many processes.
class Store {
 public:
  // Makes the file and its folder (0700) if they are not there, and brings the schema up to date. Errors:
  // kInvalidArgument (uri), kCatalogUnavailable (cannot be opened, locked for too long, on a network file system),
  // kCatalogCorrupt (no database), kFailedPrecondition (made by a newer version: says which).
  static Result<std::unique_ptr<Store>> Open(StoreOptions options);
  virtual ~Store() = default;
  // kWrite waits for the catalog's write lock until the deadline (kCatalogUnavailable: locked, says since when it
  // waited).
  virtual Result<std::unique_ptr<Transaction>> Begin(Access access, Deadline deadline) = 0;
  // Changes whenever any process has committed: cheap, for caches.
  virtual Result<std::int64_t> DataVersion() = 0;
  // The key that secrets are sealed with; made if there is none yet. Errors: those of ReadKey and MakeKey.
  virtual Result<Secret> Key() = 0;
  // As Key(), and behind it those that were before it: what else was sealed with them still opens.
  virtual Result<std::vector<Secret>> Keys() = 0;
  virtual std::string Name() const = 0;  // the uri with an absolute path

  // See backup.h, rekey.h, check.h.
  virtual Result<BackupReport> BackUp(const std::string& folder, bool with_key) = 0;
  virtual Result<RekeyReport> ChangeKey(Deadline deadline) = 0;
  virtual Result<CheckReport> Check(Deadline deadline) = 0;
};

}  // namespace berth::catalog
