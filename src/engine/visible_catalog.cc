#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/try.h"
#include "engine/served.h"

namespace berth::engine {
namespace {

using catalog::AccessKey;
using catalog::ChangeRow;
using catalog::Connection;
using catalog::ConnectionGroup;
using catalog::Grant;
using catalog::Job;
using catalog::JobRun;
using catalog::ServiceUser;
using catalog::StoredSecret;
using catalog::Table;

// A filter before a transaction. What is not there for the user is found by no method; whatever changes something is
// refused.
class VisibleCatalog final : public catalog::Transaction {
 public:
  VisibleCatalog(const Served& served, catalog::Transaction& inner, std::set<std::int64_t> connections)
      : served_(served), inner_(inner), connections_(std::move(connections)) {}

  Result<std::optional<Connection>> FindConnection(std::string_view name) override {
    return IfSeen(inner_.FindConnection(name));
  }
  Result<std::optional<Connection>> FindConnectionById(std::int64_t id) override {
    return IfSeen(inner_.FindConnectionById(id));
  }
  Result<std::optional<std::string>> FindConnectionLike(std::string_view name) override {
    BERTH_ASSIGN(const auto found, FindConnection(name));
    return found ? std::optional(found->name) : std::nullopt;
  }
  Result<std::vector<Connection>> ListConnections() override { return Seen(inner_.ListConnections()); }
  Result<std::vector<std::string>> ConnectionNames() override { return NamesOf(ListConnections()); }
  Result<std::vector<catalog::ConnectionChange>> ConnectionChanges() override { return Denied(); }
  Result<Connection> InsertConnection(Connection, const Secret&) override { return Denied(); }
  Result<Connection> UpdateConnection(Connection, const Secret*, bool) override { return Denied(); }
  Status DeleteConnection(std::int64_t) override { return Denied(); }
  Result<Secret> OpenPassword(const Connection&) override { return Denied(); }
  Status SetNextPassword(std::int64_t, const catalog::NextPassword*, const Secret&) override { return Denied(); }
  Result<Secret> OpenNextPassword(const Connection&) override { return Denied(); }
  Result<bool> PromoteNextPassword(std::int64_t, std::int64_t) override { return Denied(); }

  // Those that his connections log in with.
  Result<std::optional<StoredSecret>> FindSecret(std::string_view name) override {
    BERTH_ASSIGN(auto found, inner_.FindSecret(name));
    if (!found) return found;
    BERTH_ASSIGN(const auto users, ConnectionsWithSecret(found->id));
    return users.empty() ? std::optional<StoredSecret>() : std::move(found);
  }
  Result<std::optional<std::string>> FindSecretLike(std::string_view name) override {
    BERTH_ASSIGN(const auto found, FindSecret(name));
    return found ? std::optional(found->name) : std::nullopt;
  }
  Result<std::vector<StoredSecret>> ListSecrets() override {
    BERTH_ASSIGN(auto all, inner_.ListSecrets());
    std::vector<StoredSecret> seen;
    for (auto& secret : all) {
      BERTH_ASSIGN(const auto users, ConnectionsWithSecret(secret.id));
      if (!users.empty()) seen.push_back(std::move(secret));
    }
    return seen;
  }
  Result<std::vector<Connection>> ConnectionsWithSecret(std::int64_t secret_id) override {
    return Seen(inner_.ConnectionsWithSecret(secret_id));
  }
  Result<StoredSecret> InsertSecret(StoredSecret, const Secret&) override { return Denied(); }
  Result<StoredSecret> UpdateSecret(StoredSecret, const Secret*) override { return Denied(); }
  Status DeleteSecret(std::int64_t) override { return Denied(); }
  Result<Secret> OpenSecret(std::int64_t) override { return Denied(); }

  Result<std::optional<ConnectionGroup>> FindGroup(std::string_view name) override {
    return IfAnyMember(inner_.FindGroup(name));
  }
  Result<std::optional<ConnectionGroup>> FindGroupById(std::int64_t id) override {
    return IfAnyMember(inner_.FindGroupById(id));
  }
  Result<std::optional<std::string>> FindGroupLike(std::string_view name) override {
    BERTH_ASSIGN(const auto found, FindGroup(name));
    return found ? std::optional(found->name) : std::nullopt;
  }
  Result<std::vector<ConnectionGroup>> ListGroups() override {
    BERTH_ASSIGN(auto all, inner_.ListGroups());
    std::vector<ConnectionGroup> seen;
    for (auto& group : all) {
      BERTH_ASSIGN(const auto members, ConnectionsInGroup(group.id));
      if (!members.empty()) seen.push_back(std::move(group));
    }
    return seen;
  }
  Result<std::vector<Connection>> ConnectionsInGroup(std::int64_t group_id) override {
    return Seen(inner_.ConnectionsInGroup(group_id));
  }
  Result<ConnectionGroup> InsertGroup(ConnectionGroup) override { return Denied(); }
  Result<ConnectionGroup> UpdateGroup(ConnectionGroup) override { return Denied(); }
  Status DeleteGroup(std::int64_t) override { return Denied(); }

  Result<std::optional<Table>> FindTable(std::int64_t connection_id, std::string_view schema,
                                         std::string_view name) override {
    if (!Sees(connection_id)) return std::optional<Table>();
    return inner_.FindTable(connection_id, schema, name);
  }
  Result<Table> InsertTable(Table) override { return Denied(); }
  Status UpdateTableState(std::int64_t, catalog::TableState) override { return Denied(); }
  Status DeleteTable(std::int64_t) override { return Denied(); }
  Result<std::vector<Table>> ListIntents() override { return std::vector<Table>(); }

  Result<std::optional<Job>> FindJob(std::string_view name) override {
    BERTH_ASSIGN(auto found, inner_.FindJob(name));
    return found && Sees(*found) ? std::move(found) : std::nullopt;
  }
  Result<std::optional<std::string>> FindJobLike(std::string_view name) override {
    BERTH_ASSIGN(const auto found, FindJob(name));
    return found ? std::optional(found->name) : std::nullopt;
  }
  Result<std::vector<Job>> ListJobs() override {
    BERTH_ASSIGN(auto jobs, inner_.ListJobs());
    std::erase_if(jobs, [this](const Job& job) { return !Sees(job); });
    return jobs;
  }
  Result<std::vector<std::string>> JobNames() override { return NamesOf(ListJobs()); }
  Result<Job> InsertJob(Job) override { return Denied(); }
  Result<Job> UpdateJob(Job) override { return Denied(); }
  Status DeleteJob(std::int64_t) override { return Denied(); }

  Result<std::optional<Job>> FindJobById(std::int64_t id) override {
    BERTH_ASSIGN(auto found, inner_.FindJobById(id));
    return found && Sees(*found) ? std::move(found) : std::nullopt;
  }
  Result<std::vector<Job>> ListScheduledJobs() override {
    BERTH_ASSIGN(auto jobs, inner_.ListScheduledJobs());
    std::erase_if(jobs, [this](const Job& job) { return !Sees(job); });
    return jobs;
  }
  Result<JobRun> InsertJobRun(JobRun) override { return Denied(); }
  Status UpdateJobRun(const JobRun&) override { return Denied(); }
  Result<std::optional<JobRun>> FindJobRun(std::int64_t id) override {
    BERTH_ASSIGN(auto found, inner_.FindJobRun(id));
    if (!found) return found;
    BERTH_ASSIGN(const auto job, FindJobById(found->job_id));
    return job ? std::move(found) : std::nullopt;
  }
  Result<std::vector<JobRun>> ListJobRuns(std::optional<std::int64_t> job_id, std::size_t limit) override {
    BERTH_ASSIGN(const auto jobs, ListJobs());
    BERTH_ASSIGN(auto runs, inner_.ListJobRuns(job_id, limit));
    std::erase_if(runs, [&](const JobRun& run) {
      return std::none_of(jobs.begin(), jobs.end(), [&](const Job& job) { return job.id == run.job_id; });
    });
    return runs;
  }

  Result<catalog::Dependents> DependentsOf(std::int64_t connection_id) override {
    if (!Sees(connection_id)) return catalog::Dependents();
    BERTH_ASSIGN(auto dependents, inner_.DependentsOf(connection_id));
    BERTH_ASSIGN(const auto jobs, ListJobs());
    std::erase_if(dependents.jobs, [&](const catalog::DependentJob& job) {
      return std::none_of(jobs.begin(), jobs.end(), [&](const Job& seen) { return seen.name == job.name; });
    });
    dependents.uses.clear();  // who else logs in is not his to know
    return dependents;
  }
  Result<bool> UsedWithin(std::int64_t, std::chrono::milliseconds) override { return Denied(); }
  Status NoteUse(std::int64_t) override { return Denied(); }
  Result<std::vector<catalog::DependentJob>> JobsOnTable(std::int64_t, std::string_view, std::string_view) override {
    return Denied();
  }

  Result<std::optional<ServiceUser>> FindServiceUser(std::string_view name) override {
    if (name != served_.user) return std::optional<ServiceUser>();
    return inner_.FindServiceUser(name);
  }
  Result<std::optional<std::string>> FindServiceUserLike(std::string_view name) override {
    BERTH_ASSIGN(const auto found, FindServiceUser(name));
    return found ? std::optional(found->name) : std::nullopt;
  }
  Result<std::vector<ServiceUser>> ListServiceUsers() override {
    return His(inner_.ListServiceUsers(), [](const ServiceUser& user) { return user.name; });
  }
  Result<ServiceUser> InsertServiceUser(ServiceUser) override { return Denied(); }
  Status UpdateServiceUser(const ServiceUser&) override { return Denied(); }
  Status DeleteServiceUser(std::int64_t) override { return Denied(); }
  Result<std::optional<AccessKey>> FindAccessKey(std::string_view id) override {
    BERTH_ASSIGN(auto found, inner_.FindAccessKey(id));
    return found && found->user_name == served_.user ? std::move(found) : std::nullopt;
  }
  Result<std::vector<AccessKey>> ListAccessKeys() override {
    return His(inner_.ListAccessKeys(), [](const AccessKey& key) { return key.user_name; });
  }
  Status InsertAccessKey(const AccessKey&, const Secret&) override { return Denied(); }
  Status EnableAccessKey(std::string_view, bool) override { return Denied(); }
  Status DeleteAccessKey(std::string_view) override { return Denied(); }
  Result<Secret> OpenAccessKey(const AccessKey&) override { return Denied(); }
  Status NoteKeyUse(std::string_view, Clock::Wall) override { return Denied(); }
  Result<std::vector<Grant>> ListGrants() override {
    return His(inner_.ListGrants(), [](const Grant& grant) { return grant.user_name; });
  }
  Status PutGrant(const Grant&) override { return Denied(); }
  Result<bool> DeleteGrant(std::int64_t, std::int64_t) override { return Denied(); }

  const std::string& actor() const override { return inner_.actor(); }
  void Describe(std::string_view, std::string_view) override {}
  // Of a connection that he sees now; of one that was dropped nothing.
  Result<std::vector<ChangeRow>> HistoryOf(std::string_view connection_name, std::int64_t most) override {
    BERTH_ASSIGN(const auto connection, FindConnection(connection_name));
    if (!connection) return std::vector<ChangeRow>();
    return OfHisConnections(inner_.HistoryOf(connection_name, most));
  }
  Result<std::vector<ChangeRow>> ListHistory(std::int64_t most) override {
    return OfHisConnections(inner_.ListHistory(most));
  }
  Result<std::vector<ChangeRow>> Rehearse(const std::function<Status()>&, Status&) override { return Denied(); }
  Result<std::vector<catalog::MigrationRow>> ListMigrations() override { return std::vector<catalog::MigrationRow>(); }
  Status InsertMigration(const catalog::MigrationRow&) override { return Denied(); }
  Status RealignMigration(std::string_view, const catalog::MigrationRow&) override { return Denied(); }
  Status Commit() override { return {}; }

 private:
  Error Denied() const { return NeedsAdmin(served_); }
  bool Sees(std::int64_t connection_id) const { return connections_.contains(connection_id); }
  bool Sees(const Job& job) const {
    if (job.connection_id && !Sees(*job.connection_id)) return false;
    return std::all_of(job.edges.begin(), job.edges.end(),
                       [this](const auto& edge) { return Sees(edge.connection_id); });
  }
  Result<std::optional<Connection>> IfSeen(Result<std::optional<Connection>> found) const {
    if (found.ok() && found.value() && !Sees(found.value()->id)) return std::optional<Connection>();
    return found;
  }
  Result<std::vector<Connection>> Seen(Result<std::vector<Connection>> all) const {
    if (!all.ok()) return all;
    auto seen = std::move(all).value();
    std::erase_if(seen, [this](const Connection& connection) { return !Sees(connection.id); });
    return seen;
  }
  Result<std::optional<ConnectionGroup>> IfAnyMember(Result<std::optional<ConnectionGroup>> found) {
    if (!found.ok() || !found.value()) return found;
    BERTH_ASSIGN(const auto members, ConnectionsInGroup(found.value()->id));
    if (members.empty()) return std::optional<ConnectionGroup>();
    return found;
  }
  Result<std::vector<ChangeRow>> OfHisConnections(Result<std::vector<ChangeRow>> changes) const {
    if (!changes.ok()) return changes;
    auto his = std::move(changes).value();
    std::erase_if(his,
                  [this](const ChangeRow& change) { return !change.connection_id || !Sees(*change.connection_id); });
    return his;
  }
  template <class T>
  static Result<std::vector<std::string>> NamesOf(Result<std::vector<T>> all) {
    if (!all.ok()) return std::move(all).TakeError();
    std::vector<std::string> names;
    for (const auto& one : all.value()) names.push_back(one.name);
    return names;
  }
  template <class T, class NameOf>
  Result<std::vector<T>> His(Result<std::vector<T>> all, NameOf name_of) const {
    if (!all.ok()) return all;
    auto his = std::move(all).value();
    std::erase_if(his, [&](const T& one) { return name_of(one) != served_.user; });
    return his;
  }

  const Served served_;
  catalog::Transaction& inner_;
  const std::set<std::int64_t> connections_;  // that he may use
};

}  // namespace

Result<std::unique_ptr<catalog::Transaction>> VisibleTo(const Served& served, catalog::Transaction& transaction) {
  std::set<std::int64_t> connections;
  BERTH_ASSIGN(const auto grants, transaction.ListGrants());
  for (const auto& grant : grants) {
    if (grant.user_name == served.user) connections.insert(grant.connection_id);
  }
  return std::unique_ptr<catalog::Transaction>(
      std::make_unique<VisibleCatalog>(served, transaction, std::move(connections)));
}

}  // namespace berth::engine
