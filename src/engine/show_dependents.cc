#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "engine/ask_server.h"
#include "engine/catalog_statements.h"
#include "engine/connection_state.h"
#include "engine/job_states.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "engine/table_statements.h"
#include "engine/usages.h"

namespace berth::engine {
namespace {

constexpr std::string_view kColumns[] = {"object_type", "object_name", "role", "table_name", "found", "state"};

// `there`: what the warehouse has; null: it was not asked. A staging table comes and goes with its job.
Outcome RowsOf(const catalog::Dependents& dependents, const std::set<TableInServer>* there) {
  const auto missing = [&](const std::string& schema, const std::string& table) {
    return there != nullptr && !there->contains({schema, table});
  };
  RowsBuilder rows(kColumns);
  for (const auto& table : dependents.tables) {
    const bool recorded = table.state == catalog::TableState::kRecorded;
    rows.Add({"table", TwoPartName(table.schema, table.name), std::nullopt, std::nullopt, std::nullopt,
              recorded && missing(table.schema, table.name)
                  ? "missing"
                  : std::string(TableStateName(table.state, table.attached))});
  }
  for (const auto& job : dependents.jobs) {
    std::string state = JobStateText(job);
    const bool named = !job.table.empty();
    if (named && job.role != catalog::Role::kStaging && missing(job.schema, job.table)) state += ", table missing";
    rows.Add({"job", base::QuoteIdentifier(job.name), std::string(catalog::RoleName(job.role)),
              named ? std::optional<std::string>(TwoPartName(job.schema, job.table)) : std::nullopt,
              std::string(catalog::FoundName(job.found)), std::move(state)});
  }
  for (const auto& use : dependents.uses) {
    rows.Add({"program", use.used_by, "user", std::nullopt, std::nullopt, "last used " + use.last_used_at});
  }
  return rows.Build();
}

}  // namespace

Result<Outcome> Run(const parser::ShowDependents& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto connection, RequireConnection(scope.transaction, statement.name));
  BERTH_ASSIGN(auto dependents, scope.transaction.DependentsOf(connection.id));
  SeeCutOff(scope.shared, dependents.jobs);
  return RowsOf(dependents, nullptr);
}

// The connections whose password it is.
Result<Outcome> Run(const parser::ShowSecretDependents& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto secret, scope.transaction.FindSecret(statement.name.name));
  if (!secret) return NoSuchSecret(scope.transaction, statement.name);
  BERTH_ASSIGN(const auto users, scope.transaction.ConnectionsWithSecret(secret->id));
  RowsBuilder rows(kColumns);
  for (const auto& connection : users) {
    rows.Add({"connection", base::QuoteIdentifier(connection.name), "secret", std::nullopt,
              std::string(catalog::FoundName(catalog::Found::kDeclared)),
              std::string(ConnectionState(scope.shared, connection))});
  }
  return rows.Build();
}

Result<Outcome> Run(const parser::ShowDependents& statement, TableScope& scope) {
  catalog::Connection connection;
  catalog::Dependents dependents;
  {
    BERTH_ASSIGN(const auto transaction,
                 scope.shared.store.Begin(catalog::Access::kRead, CatalogDeadline(scope.shared, scope.deadline)));
    BERTH_ASSIGN(connection, RequireConnection(*transaction, statement.name));
    BERTH_ASSIGN(dependents, transaction->DependentsOf(connection.id));
  }
  SeeCutOff(scope.shared, dependents.jobs);
  BERTH_ASSIGN(auto* const session, scope.session_on(connection));
  BERTH_ASSIGN(const auto there, TablesInServer(*session, scope.deadline));
  return RowsOf(dependents, &there);
}

}  // namespace berth::engine
