#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/handles.h"
#include "catalog/sealed_texts.h"
#include "catalog/store.h"
#include "sqlite/database.h"

namespace berth::catalog {

// What all transactions of one store share. Constant after it was made; `handles` guards itself.
struct CatalogContext {
  std::string path, key_file, actor;
  const Clock* clock = nullptr;
  std::shared_ptr<Handles> handles;
};

// The methods on each kind of row are in a file of their own: connection_rows.cc, group_rows.cc, table_rows.cc,
// job_rows.cc, job_run_rows.cc, secret_rows.cc, history_rows.cc, migration_rows.cc, user_rows.cc, access_key_rows.cc;
// what they share of sealed texts in password_rows.cc.
class SqliteTransaction final : public Transaction {
 public:
  static Result<std::unique_ptr<Transaction>> Begin(std::shared_ptr<const CatalogContext> context, Access access,
                                                    Deadline deadline);
  ~SqliteTransaction() override;

  Result<std::optional<Connection>> FindConnection(std::string_view name) override;
  Result<std::optional<Connection>> FindConnectionById(std::int64_t id) override;
  Result<std::optional<std::string>> FindConnectionLike(std::string_view name) override;
  Result<std::vector<Connection>> ListConnections() override;
  Result<std::vector<std::string>> ConnectionNames() override;
  Result<std::vector<ConnectionChange>> ConnectionChanges() override;
  Result<Connection> InsertConnection(Connection connection, const Secret& literal) override;
  Result<Connection> UpdateConnection(Connection connection, const Secret* literal, bool login_changed) override;
  Status DeleteConnection(std::int64_t id) override;
  Result<Secret> OpenPassword(const Connection& connection) override;

  Status SetNextPassword(std::int64_t connection_id, const NextPassword* next, const Secret& literal) override;
  Result<Secret> OpenNextPassword(const Connection& connection) override;
  Result<bool> PromoteNextPassword(std::int64_t connection_id, std::int64_t next_version) override;

  Result<std::optional<StoredSecret>> FindSecret(std::string_view name) override;
  Result<std::optional<std::string>> FindSecretLike(std::string_view name) override;
  Result<std::vector<StoredSecret>> ListSecrets() override;
  Result<std::vector<Connection>> ConnectionsWithSecret(std::int64_t secret_id) override;
  Result<StoredSecret> InsertSecret(StoredSecret secret, const Secret& literal) override;
  Result<StoredSecret> UpdateSecret(StoredSecret secret, const Secret* literal) override;
  Status DeleteSecret(std::int64_t id) override;
  Result<Secret> OpenSecret(std::int64_t id) override;

  Result<std::optional<ConnectionGroup>> FindGroup(std::string_view name) override;
  Result<std::optional<ConnectionGroup>> FindGroupById(std::int64_t id) override;
  Result<std::optional<std::string>> FindGroupLike(std::string_view name) override;
  Result<std::vector<ConnectionGroup>> ListGroups() override;
  Result<std::vector<Connection>> ConnectionsInGroup(std::int64_t group_id) override;
  Result<ConnectionGroup> InsertGroup(ConnectionGroup group) override;
  Result<ConnectionGroup> UpdateGroup(ConnectionGroup group) override;
  Status DeleteGroup(std::int64_t id) override;

  Result<std::optional<Table>> FindTable(std::int64_t connection_id, std::string_view schema,
                                         std::string_view name) override;
  Result<Table> InsertTable(Table table) override;
  Status UpdateTableState(std::int64_t id, TableState state) override;
  Status DeleteTable(std::int64_t id) override;
  Result<std::vector<Table>> ListIntents() override;

  Result<std::optional<Job>> FindJob(std::string_view name) override;
  Result<std::optional<std::string>> FindJobLike(std::string_view name) override;
  Result<std::vector<Job>> ListJobs() override;
  Result<std::vector<std::string>> JobNames() override;
  Result<Job> InsertJob(Job job) override;
  Result<Job> UpdateJob(Job job) override;
  Status DeleteJob(std::int64_t id) override;

  Result<std::optional<Job>> FindJobById(std::int64_t id) override;
  Result<std::vector<Job>> ListScheduledJobs() override;
  Result<JobRun> InsertJobRun(JobRun run) override;
  Status UpdateJobRun(const JobRun& run) override;
  Result<std::optional<JobRun>> FindJobRun(std::int64_t id) override;
  Result<std::vector<JobRun>> ListJobRuns(std::optional<std::int64_t> job_id, std::size_t limit) override;

  Result<Dependents> DependentsOf(std::int64_t connection_id) override;
  Result<bool> UsedWithin(std::int64_t connection_id, std::chrono::milliseconds within) override;
  Status NoteUse(std::int64_t connection_id) override;
  Result<std::vector<DependentJob>> JobsOnTable(std::int64_t connection_id, std::string_view schema,
                                                std::string_view table) override;

  Result<std::optional<ServiceUser>> FindServiceUser(std::string_view name) override;
  Result<std::optional<std::string>> FindServiceUserLike(std::string_view name) override;
  Result<std::vector<ServiceUser>> ListServiceUsers() override;
  Result<ServiceUser> InsertServiceUser(ServiceUser user) override;
  Status UpdateServiceUser(const ServiceUser& user) override;
  Status DeleteServiceUser(std::int64_t id) override;
  Result<std::optional<AccessKey>> FindAccessKey(std::string_view id) override;
  Result<std::vector<AccessKey>> ListAccessKeys() override;
  Status InsertAccessKey(const AccessKey& key, const Secret& secret) override;
  Status EnableAccessKey(std::string_view id, bool enabled) override;
  Status DeleteAccessKey(std::string_view id) override;
  Result<Secret> OpenAccessKey(const AccessKey& key) override;
  Status NoteKeyUse(std::string_view id, Clock::Wall at) override;
  Result<std::vector<Grant>> ListGrants() override;
  Status PutGrant(const Grant& grant) override;
  Result<bool> DeleteGrant(std::int64_t connection_id, std::int64_t user_id) override;

  const std::string& actor() const override { return context_->actor; }

  void Describe(std::string_view statement, std::string_view service_user) override;
  Result<std::vector<ChangeRow>> HistoryOf(std::string_view connection_name, std::int64_t most) override;
  Result<std::vector<ChangeRow>> ListHistory(std::int64_t most) override;
  Result<std::vector<ChangeRow>> Rehearse(const std::function<Status()>& work, Status& refused) override;

  Result<std::vector<MigrationRow>> ListMigrations() override;
  Status InsertMigration(const MigrationRow& row) override;
  Status RealignMigration(std::string_view script, const MigrationRow& row) override;

  Status Commit() override;

 private:
  SqliteTransaction(std::shared_ptr<const CatalogContext> context, std::unique_ptr<sqlite::Database> database)
      : context_(std::move(context)), database_(std::move(database)) {}

  // SQLite rolls back by itself after some failures (a full disk); what came then would be committed one by one.
  // Every method asks this first. Errors: kFailedTransaction.
  Status Ready() const;
  std::string Now() const;

  Result<std::optional<Connection>> ReadConnection(Result<sqlite::Statement> query);
  Result<std::vector<Connection>> ReadConnections(Result<sqlite::Statement> query);
  Status RefuseTakenName(const Connection& connection);
  Result<std::optional<ConnectionGroup>> ReadGroup(Result<sqlite::Statement> query);
  Status RefuseTakenName(const ConnectionGroup& group);
  // The version of the groups that a connection enters or leaves, or reserves another share of, grows.
  Status NoteMembers(const Connection& before, const Connection& after);
  Result<Secret> OpenText(const SealedText& text);
  Result<Secret> OpenOf(const Connection& connection, SealedPlace place);
  // The key that new texts are sealed with: the one that the others are sealed with, or a new one.
  Result<Secret> KeyForSealing(SealedPlace place, std::int64_t id);
  Result<std::string> SealFor(const Connection& connection, const Secret& literal, SealedPlace place);
  Result<std::string> KeepSealed(const Connection& connection, SealedPlace place);
  Result<std::string> SealValue(std::int64_t id, const Secret& literal);

  Result<std::vector<std::string>> ReadNames(std::string_view query);
  // A row of the history, or of the rehearsal. Every method that changes an object ends with it.
  Status Note(ChangeRow change);
  Status NoteChange(const Connection& connection, std::string_view action, std::string_view options);
  Status NoteChange(const ConnectionGroup& group, std::string_view action, std::string_view options);
  Status NoteChange(const StoredSecret& secret, std::string_view action, std::string_view options);
  Status NoteChange(const Table& table, std::string_view action);
  Status NoteChange(const ServiceUser& user, std::string_view action);
  Status NoteChange(const AccessKey& key, std::string_view action);
  Status NoteGrant(std::int64_t connection_id, std::int64_t user_id, std::string_view action);
  Status NoteChange(const Job& job, std::string_view action, std::string_view options, const Job* before = nullptr);
  Status StoreNextPassword(const Connection& connection, const NextPassword* next, const Secret& literal);

  // Runs `work` so that all of it is done or, after an error, none of it.
  Status AllOrNothing(const std::function<Status()>& work);
  Status InsertEdges(const Job& job);
  Result<std::optional<Job>> ReadJob(Result<sqlite::Statement> query);
  Result<std::optional<Table>> ReadTable(Result<sqlite::Statement> query);
  Status ReadEdges(Job& job);
  Status RefuseTakenName(const Job& job);

  const std::shared_ptr<const CatalogContext> context_;
  std::unique_ptr<sqlite::Database> database_;
  bool finished_ = false;
  std::string statement_, service_user_;  // what the history says of changes from here on
  std::int64_t noted_connection_ = 0;     // whose change is the last in the history, since Describe(); 0: nobody's
  bool rehearsing_ = false;
  std::optional<Secret> rehearsal_key_;  // where there is none yet
  std::vector<ChangeRow> rehearsed_;
};

}  // namespace berth::catalog
