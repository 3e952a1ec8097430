#pragma once

#include <type_traits>

#include "berth/error.h"
#include "berth/rows.h"
#include "catalog/store.h"
#include "engine/shared.h"
#include "parser/ast.h"

namespace berth::engine {

// The statements that act on the catalog alone, one overload each. They run inside scope.transaction and do not commit;
// errors point at the offending piece and leave the transaction to be rolled back.
Result<Outcome> Run(const parser::CreateConnection& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::AlterConnection& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::DropConnection& statement, CatalogScope& scope);

// Commits that it is paused; the caller waits for quiet.
Result<Outcome> Run(const parser::PauseConnection& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ResumeConnection& statement, CatalogScope& scope);

Result<Outcome> Run(const parser::CreateGroup& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::AlterGroup& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::DropGroup& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowGroups& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowCreateGroup& statement, CatalogScope& scope);
inline constexpr std::size_t kMembersShownMax = 1'000;  // of a group that cannot be dropped

Result<Outcome> Run(const parser::CreateSecret& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::AlterSecret& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::DropSecret& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowSecrets& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowCreateSecret& statement, CatalogScope& scope);
inline constexpr std::size_t kSecretUsersShownMax = 1'000;  // of a secret that cannot be dropped

Result<Outcome> Run(const parser::ShowHistory& statement, CatalogScope& scope);
inline constexpr std::int64_t kHistoryRowsMax = 10'000;  // the newest of what is shown at a time

Result<Outcome> Run(const parser::ShowPools& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowSlots& statement, CatalogScope& scope);

Result<Outcome> Run(const parser::ShowConnections& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowConnectionOptions& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowCreateConnection& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowDependents& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowSecretDependents& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowJobs& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowCreateJob& statement, CatalogScope& scope);

Result<Outcome> Run(const parser::DetachTable& statement, CatalogScope& scope);

Result<Outcome> Run(const parser::CreateJob& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::AlterJob& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::DropJob& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::AttachJob& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::DetachJob& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::PauseJob& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ResumeJob& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowJobRuns& statement, CatalogScope& scope);
inline constexpr std::size_t kJobRunsShownMax = 10'000;

Result<Outcome> Run(const parser::CreateServiceUser& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::AlterServiceUser& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::DropServiceUser& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::CreateAccessKey& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::EnableAccessKey& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::DropAccessKey& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::GrantUsage& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::RevokeUsage& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowServiceUsers& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowAccessKeys& statement, CatalogScope& scope);
Result<Outcome> Run(const parser::ShowGrants& statement, CatalogScope& scope);

// Statements that only read the catalog; all others are changes. A statement that belongs to neither Run() nor Dispatch
// (conversation.cc) does not compile.
template <class T>
constexpr bool kReads =
    std::is_same_v<T, parser::ShowConnections> || std::is_same_v<T, parser::ShowConnectionOptions> ||
    std::is_same_v<T, parser::ShowCreateConnection> || std::is_same_v<T, parser::ShowDependents> ||
    std::is_same_v<T, parser::ShowGroups> || std::is_same_v<T, parser::ShowCreateGroup> ||
    std::is_same_v<T, parser::ShowPools> || std::is_same_v<T, parser::ShowSlots> ||
    std::is_same_v<T, parser::ShowJobs> || std::is_same_v<T, parser::ShowCreateJob> ||
    std::is_same_v<T, parser::ShowServiceUsers> || std::is_same_v<T, parser::ShowAccessKeys> ||
    std::is_same_v<T, parser::ShowGrants> || std::is_same_v<T, parser::ShowJobRuns> ||
    std::is_same_v<T, parser::ShowSecrets> || std::is_same_v<T, parser::ShowCreateSecret> ||
    std::is_same_v<T, parser::ShowHistory> || std::is_same_v<T, parser::ShowSecretDependents>;

}  // namespace berth::engine
