#include "engine/maintenance.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "base/try.h"
#include "engine/catalog_statements.h"
#include "engine/maintenance_impl.h"
#include "engine/names.h"
#include "engine/record_table.h"
#include "engine/settings.h"
#include "engine/usages.h"
#include "parser/parse.h"
#include "parser/print_value.h"

namespace berth::engine {
namespace {

std::string WordsOf(TableWork work) {
  switch (work) {
    case TableWork::kCreated:
      return "CREATE TABLE ";
    case TableWork::kDropped:
      return "DROP TABLE ";
    case TableWork::kAttached:
      return "ATTACH TABLE ";
  }
  return {};
}

class CatalogUnitImpl final : public CatalogUnit {
 public:
  CatalogUnitImpl(const Shared& shared, std::unique_ptr<catalog::Transaction> transaction, NoticeSink notices)
      : transaction_(std::move(transaction)),
        notices_(std::move(notices)),
        scope_{shared, *transaction_, settings_, notices_, after_commit_} {}

  Status Execute(const parser::Statement& statement) override {
    transaction_->Describe(parser::Print(statement, parser::PrintMode::kRedacted), {});
    auto outcome = std::visit([this](const auto& kind) { return RunKind(kind); }, statement);
    if (!outcome.ok()) return std::move(outcome).TakeError();
    return {};
  }

  Status RecordTable(TableWork work, const parser::TableName& name) override {
    transaction_->Describe(WordsOf(work) + parser::PrintTable(name, parser::PrintMode::kRedacted), {});
    return engine::RecordTable(*transaction_, work, name);
  }

  catalog::Transaction& transaction() override { return *transaction_; }

  Status Commit() override {
    BERTH_TRY(transaction_->Commit());
    for (const auto& effect : after_commit_) effect();
    after_commit_.clear();
    return {};
  }

 private:
  template <class T>
  Result<Outcome> RunKind(const T& statement) {
    if constexpr (std::is_same_v<T, parser::CreateAccessKey>) {
      return Error{.code = ErrorCode::kNotSupported,
                   .message = "CREATE ACCESS KEY cannot be part of a file: its secret would be shown to nobody",
                   .hint = "Run it in the shell."};
    } else if constexpr (requires(CatalogScope& scope) { Run(statement, scope); }) {
      return Run(statement, scope_);
    } else if constexpr (std::is_same_v<T, parser::SetSetting>) {
      BERTH_TRY(Set(statement, settings_));
      return Outcome();
    } else {
      return Error{.code = ErrorCode::kNotSupported,
                   .message = "this statement does not act on the catalog alone: it cannot be part of one change of it",
                   .hint = "Run it in the shell."};
    }
  }

  const std::unique_ptr<catalog::Transaction> transaction_;
  const NoticeSink notices_;
  Settings settings_;
  std::vector<std::function<void()>> after_commit_;
  CatalogScope scope_;
};

// The second column of the only row: the statement that SHOW CREATE gives.
Result<std::string> StatementOf(Result<Outcome> outcome) {
  BERTH_ASSIGN(const auto rows, std::move(outcome));
  BERTH_ASSIGN(const auto row, rows->Next());
  return std::string((*row)[1].value());
}

bool HasLiteral(const catalog::Connection& connection) {
  return connection.password_kind == PasswordKind::kLiteral ||
         (connection.next && connection.next->kind == PasswordKind::kLiteral);
}

std::string StatementText(const parser::Statement& statement) {
  return parser::Print(statement, parser::PrintMode::kReadable) + ";";
}

void AddLimit(std::string_view name, const std::optional<std::int32_t>& limit, std::vector<parser::Option>& limits) {
  if (!limit) return;
  limits.push_back({.name = {.name = std::string(name)},
                    .value = {.form = parser::ValueForm::kNumber, .text = std::to_string(*limit)}});
}

std::string ThreePartName(const std::string& connection, const std::string& schema, const std::string& table) {
  return fmt::format("{}.{}", base::QuoteIdentifier(connection), TwoPartName(schema, table));
}

}  // namespace

Result<std::unique_ptr<CatalogUnit>> MaintenanceImpl::Begin(NoticeSink notices, Deadline deadline) {
  BERTH_ASSIGN(auto transaction, shared_.store.Begin(catalog::Access::kWrite, CatalogDeadline(shared_, deadline)));
  return std::unique_ptr<CatalogUnit>(
      std::make_unique<CatalogUnitImpl>(shared_, std::move(transaction), std::move(notices)));
}

Result<std::vector<catalog::MigrationRow>> MaintenanceImpl::MigrationHistory() {
  BERTH_ASSIGN(const auto transaction,
               shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, Deadline::Never())));
  return transaction->ListMigrations();
}

Result<std::vector<catalog::ConnectionChange>> MaintenanceImpl::ConnectionChanges() {
  BERTH_ASSIGN(const auto transaction,
               shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, Deadline::Never())));
  return transaction->ConnectionChanges();
}

Status MaintenanceImpl::CopyCatalog(const std::string& folder) {
  auto copied = shared_.store.BackUp(folder, true);
  // A lost key: what the copy is for does not need it, but to seal a literal password again.
  if (!copied.ok() && copied.error().code == ErrorCode::kFailedPrecondition)
    copied = shared_.store.BackUp(folder, false);
  if (!copied.ok()) return std::move(copied).TakeError();
  return {};
}

Result<std::vector<CatalogObject>> MaintenanceImpl::Objects() {
  BERTH_ASSIGN(const auto transaction,
               shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, Deadline::Never())));
  const NoticeSink notices;
  const Settings settings;
  std::vector<std::function<void()>> after_commit;
  CatalogScope scope{shared_, *transaction, settings, notices, after_commit};
  std::vector<CatalogObject> objects;
  std::vector<CatalogObject> tables;
  BERTH_ASSIGN(const auto groups, transaction->ListGroups());
  for (const auto& group : groups) {
    parser::ShowCreateGroup show;
    show.name.name = group.name;
    BERTH_ASSIGN(auto statement, StatementOf(Run(show, scope)));
    objects.push_back(
        {.kind = "connection group", .name = base::QuoteIdentifier(group.name), .statement = std::move(statement)});
  }
  BERTH_ASSIGN(const auto secrets, transaction->ListSecrets());
  for (const auto& secret : secrets) {
    parser::ShowCreateSecret show;
    show.name.name = secret.name;
    BERTH_ASSIGN(auto statement, StatementOf(Run(show, scope)));
    objects.push_back({.kind = "secret",
                       .name = base::QuoteIdentifier(secret.name),
                       .statement = std::move(statement),
                       .masked = secret.kind == PasswordKind::kLiteral});
  }
  BERTH_ASSIGN(const auto connections, transaction->ListConnections());
  for (const auto& connection : connections) {
    parser::ShowCreateConnection show;
    show.name.name = connection.name;
    BERTH_ASSIGN(auto statement, StatementOf(Run(show, scope)));
    objects.push_back({.kind = "connection",
                       .name = base::QuoteIdentifier(connection.name),
                       .statement = std::move(statement),
                       .masked = HasLiteral(connection)});
    BERTH_ASSIGN(const auto dependents, transaction->DependentsOf(connection.id));
    for (const auto& table : dependents.tables) {
      const auto name = ThreePartName(connection.name, table.schema, table.name);
      tables.push_back({.kind = "table",
                        .name = name,
                        .statement = fmt::format("ATTACH TABLE {};", name),
                        .connection = connection.name});
    }
  }
  std::ranges::move(tables, std::back_inserter(objects));
  BERTH_ASSIGN(const auto jobs, transaction->ListJobs());
  for (const auto& job : jobs) {
    parser::ShowCreateJob show;
    show.name.name = job.name;
    BERTH_ASSIGN(auto statement, StatementOf(Run(show, scope)));
    const auto first = job.connection_id ? *job.connection_id : (job.edges.empty() ? 0 : job.edges[0].connection_id);
    BERTH_ASSIGN(const auto connection, transaction->FindConnectionById(first));
    objects.push_back({.kind = "job",
                       .name = base::QuoteIdentifier(job.name),
                       .statement = std::move(statement),
                       .connection = connection ? connection->name : std::string()});
  }
  return objects;
}

Result<std::vector<std::string>> MaintenanceImpl::ServiceAccess() {
  BERTH_ASSIGN(const auto transaction,
               shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, Deadline::Never())));
  BERTH_ASSIGN(const auto users, transaction->ListServiceUsers());
  BERTH_ASSIGN(const auto grants, transaction->ListGrants());
  std::vector<std::string> statements;
  for (const auto& user : users) {
    parser::CreateServiceUser create;
    create.name.name = user.name;
    if (user.admin) {
      create.options.push_back(
          {.name = {.name = "ADMIN"}, .value = {.form = parser::ValueForm::kBoolean, .text = "true"}});
    }
    if (!user.comment.empty()) {
      create.options.push_back(
          {.name = {.name = "COMMENT"}, .value = {.form = parser::ValueForm::kString, .text = user.comment}});
    }
    statements.push_back(StatementText(create));
  }
  for (const auto& given : grants) {
    parser::GrantUsage grant;
    grant.connection.name = given.connection_name;
    grant.user.name = given.user_name;
    AddLimit("MAX_ACTIVE", given.max_active, grant.limits);
    AddLimit("MAX_CONCURRENT", given.max_concurrent, grant.limits);
    statements.push_back(StatementText(grant));
  }
  return statements;
}

Result<std::vector<std::string>> MaintenanceImpl::Pauses() {
  BERTH_ASSIGN(const auto transaction,
               shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, Deadline::Never())));
  BERTH_ASSIGN(const auto connections, transaction->ListConnections());
  const auto now = shared_.clock.WallNow();
  std::vector<std::string> statements;
  for (const auto& connection : connections) {
    if (!connection.pause || connection.pause->Over(now)) continue;
    parser::PauseConnection pause;
    pause.name.name = connection.name;
    if (connection.pause->until) {
      const auto left = std::chrono::ceil<std::chrono::seconds>(*connection.pause->until - now);
      pause.duration =
          parser::Value{.form = parser::ValueForm::kDuration, .text = std::to_string(left.count()), .unit = "second"};
    }
    if (connection.pause->refuse) pause.mode = parser::PauseMode::kRefuse;
    if (!connection.pause->comment.empty()) pause.comment = connection.pause->comment;
    statements.push_back(StatementText(pause));
  }
  BERTH_ASSIGN(const auto jobs, transaction->ListJobs());
  for (const auto& job : jobs) {
    if (job.pause && !job.external) statements.push_back(StatementText(parser::PauseJob{.name = {.name = job.name}}));
  }
  return statements;
}

}  // namespace berth::engine
