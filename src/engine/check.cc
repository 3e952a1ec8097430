#include "engine/check.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/process.h"
#include "base/strings.h"
#include "base/try.h"
#include "engine/ask_server.h"
#include "engine/job_needs.h"
#include "engine/job_run.h"
#include "engine/login.h"
#include "engine/usages.h"

namespace berth::engine {
namespace {

using catalog::Access;
using catalog::TableState;
using Kind = CheckFinding::Kind;

constexpr std::chrono::milliseconds kAskMax{30'000};  // a table

Result<std::unique_ptr<catalog::Transaction>> Begin(const Shared& shared, Access access, Deadline deadline) {
  BERTH_ASSIGN(auto transaction, shared.store.Begin(access, CatalogDeadline(shared, deadline)));
  transaction->Describe("berth check", {});
  return transaction;
}

bool Lives(const catalog::Table& intent) {
  return intent.intent_pid > 0 && intent.intent_started > 0 &&
         base::ProcessStart(intent.intent_pid) == static_cast<std::uint64_t>(intent.intent_started);
}

Result<bool> AskWarehouse(const Shared& shared, const catalog::Connection& connection, const catalog::Table& table,
                          Deadline deadline) {
  BERTH_TRY(shared.passwords.AskIfNeeded(connection));
  BERTH_ASSIGN(auto lease, shared.pools.Get(PoolOptionsOf(shared, connection))
                               ->Acquire({.deadline = deadline, .label = shared.options.program}));
  return TableIsThere(*lease, table.schema, table.name, deadline);
}

// The record says what the warehouse says, unless somebody else has had the last word on the table meanwhile. Nothing
// to do: empty.
Result<std::string> Settle(const Shared& shared, const catalog::Table& intent, bool there, Deadline deadline) {
  BERTH_ASSIGN(const auto transaction, Begin(shared, Access::kWrite, deadline));
  BERTH_ASSIGN(const auto now, transaction->FindTable(intent.connection_id, intent.schema, intent.name));
  if (!now || now->id != intent.id || now->state != intent.state || Lives(*now)) return std::string();
  if (there) {
    BERTH_TRY(transaction->UpdateTableState(intent.id, TableState::kRecorded));
  } else {
    BERTH_TRY(transaction->DeleteTable(intent.id));
  }
  BERTH_TRY(transaction->Commit());
  return fmt::format("{} table {} was cut off; the warehouse {}: {}",
                     intent.state == TableState::kCreating ? "the creation of" : "the drop of",
                     TwoPartName(intent.schema, intent.name), there ? "has the table" : "has no such table",
                     there ? "it is recorded" : "its record is dropped");
}

Status MendTables(const Shared& shared, Deadline deadline, CheckReport& report) {
  std::vector<std::pair<catalog::Table, catalog::Connection>> intents;
  {
    BERTH_ASSIGN(const auto transaction, Begin(shared, Access::kRead, deadline));
    BERTH_ASSIGN(auto all, transaction->ListIntents());
    for (auto& intent : all) {
      if (Lives(intent)) continue;
      BERTH_ASSIGN(auto connection, transaction->FindConnectionById(intent.connection_id));
      if (connection) intents.emplace_back(std::move(intent), *std::move(connection));
    }
  }
  for (const auto& [intent, connection] : intents) {
    const auto until = Deadline::After(shared.clock, kAskMax).Sooner(deadline);
    const auto there = AskWarehouse(shared, connection, intent, until);
    if (!there.ok()) {
      report.findings.push_back(
          {.kind = Kind::kFault,
           .what =
               fmt::format("table {} of connection {}: {} was cut off, and the warehouse "
                           "could not be asked: {}",
                           TwoPartName(intent.schema, intent.name), base::QuoteIdentifier(connection.name),
                           intent.state == TableState::kCreating ? "its creation" : "its drop", there.error().message),
           .hint = "Run berth check again when it can be reached."});
      continue;
    }
    BERTH_ASSIGN(auto mended, Settle(shared, intent, there.value(), deadline));
    if (!mended.empty()) report.findings.push_back({.kind = Kind::kMended, .what = std::move(mended), .hint = {}});
  }
  return {};
}

using EdgeKey = std::tuple<std::int64_t, catalog::Role, std::string, std::string, catalog::Found>;

std::vector<EdgeKey> Keys(const std::vector<catalog::Edge>& edges) {
  std::vector<EdgeKey> keys;
  for (const auto& edge : edges) keys.emplace_back(edge.connection_id, edge.role, edge.schema, edge.table, edge.found);
  std::sort(keys.begin(), keys.end());
  return keys;
}

// What the job's body says it needs now; nullopt: as recorded.
Result<std::optional<std::vector<catalog::Edge>>> OtherEdges(const catalog::Job& job, CatalogScope& scope) {
  BERTH_ASSIGN(auto connection, scope.transaction.FindConnectionById(*job.connection_id));
  BERTH_ASSIGN(auto needs,
               NeedsOf({.job = job.name, .name = {}, .text = job.body, .place = {}}, std::move(connection), scope));
  if (Keys(needs.edges) == Keys(job.edges)) return std::optional<std::vector<catalog::Edge>>();
  return std::optional(std::move(needs.edges));
}

Status MendEdgesOf(const std::string& name, const Shared& shared, Deadline deadline, CheckReport& report) {
  BERTH_ASSIGN(const auto transaction, Begin(shared, Access::kWrite, deadline));
  BERTH_ASSIGN(auto job, transaction->FindJob(name));
  if (!job || !job->connection_id) return {};
  const Settings settings;
  const NoticeSink nobody;
  std::vector<std::function<void()>> after_commit;
  CatalogScope scope{shared, *transaction, settings, nobody, after_commit};
  BERTH_ASSIGN(auto edges, OtherEdges(*job, scope));
  if (!edges) return {};
  job->edges = *std::move(edges);
  BERTH_ASSIGN(const auto updated, transaction->UpdateJob(*std::move(job)));
  BERTH_TRY(transaction->Commit());
  report.findings.push_back(
      {.kind = Kind::kMended,
       .what = fmt::format("what job {} touches was not as its body says: recorded again ({} edges)",
                           base::QuoteIdentifier(updated.name), updated.edges.size()),
       .hint = {}});
  return {};
}

Status MendEdges(const Shared& shared, Deadline deadline, CheckReport& report) {
  std::vector<std::string> differing;
  {
    BERTH_ASSIGN(const auto transaction, Begin(shared, Access::kRead, deadline));
    BERTH_ASSIGN(const auto jobs, transaction->ListJobs());
    const Settings settings;
    const NoticeSink nobody;
    std::vector<std::function<void()>> after_commit;
    CatalogScope scope{shared, *transaction, settings, nobody, after_commit};
    for (const auto& job : jobs) {
      if (job.external || !job.connection_id) continue;
      auto edges = OtherEdges(job, scope);
      if (!edges.ok()) {
        report.findings.push_back({.kind = Kind::kFault,
                                   .what = fmt::format("the body of job {} cannot be read as it was: {}",
                                                       base::QuoteIdentifier(job.name), edges.error().message),
                                   .hint = edges.error().hint});
      } else if (edges.value()) {
        differing.push_back(job.name);
      }
    }
  }
  for (const auto& name : differing) BERTH_TRY(MendEdgesOf(name, shared, deadline, report));
  return {};
}

// Runs whose process ended before they did.
Status MendRuns(const Shared& shared, Deadline deadline, CheckReport& report) {
  std::vector<catalog::Job> jobs;
  {
    BERTH_ASSIGN(const auto transaction, Begin(shared, Access::kRead, deadline));
    BERTH_ASSIGN(jobs, transaction->ListJobs());
  }
  for (const auto& job : jobs) {
    if (!job.last_run || !job.last_run->open()) continue;
    BERTH_ASSIGN(const bool cut_off, SettleCutOff(shared, job.id, deadline));
    if (!cut_off) continue;
    report.findings.push_back({.kind = Kind::kMended,
                               .what = fmt::format("run {} of job {} was cut off: its process ended", job.last_run->id,
                                                   base::QuoteIdentifier(job.name)),
                               .hint = "SHOW JOB RUNS says whether anything of it may have been done."});
  }
  return {};
}

}  // namespace

Result<CheckReport> CheckCatalog(const Shared& shared, Deadline deadline) {
  BERTH_ASSIGN(auto report, shared.store.Check(deadline));
  if (report.connections == 0 && !report.findings.empty()) return report;  // the file itself is damaged
  BERTH_TRY(MendTables(shared, deadline, report));
  BERTH_TRY(MendEdges(shared, deadline, report));
  BERTH_TRY(MendRuns(shared, deadline, report));
  return report;
}

}  // namespace berth::engine
