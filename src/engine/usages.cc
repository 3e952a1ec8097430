#include "engine/usages.h"

#include <fmt/core.h>

#include <vector>

#include "base/strings.h"
#include "engine/job_states.h"

namespace berth::engine {
namespace {

// "a, b, c, and 7 more"
std::string Join(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kUsagesShownMax; ++i) out += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kUsagesShownMax) out += fmt::format(", and {} more", names.size() - kUsagesShownMax);
  return out;
}

std::string JobLine(const catalog::DependentJob& job) {
  std::string line = fmt::format("job {} ({}", base::QuoteIdentifier(job.name), catalog::RoleName(job.role));
  if (!job.table.empty()) line += " " + TwoPartName(job.schema, job.table);
  return line + ", " + JobStateText(job) + ")";
}

std::string LastUseText(const catalog::ConnectionUse& use) {
  return fmt::format("last used by {} at {}", use.used_by, use.last_used_at);
}

}  // namespace

std::string_view TableStateName(catalog::TableState state, bool attached) {
  switch (state) {
    case catalog::TableState::kRecorded:
      return attached ? "attached" : "created";
    case catalog::TableState::kCreating:
      return "being created";
    case catalog::TableState::kDropping:
      return "being dropped";
  }
  return "unknown";
}

std::string TwoPartName(const std::string& schema, const std::string& table) {
  return base::QuoteIdentifier(schema) + "." + base::QuoteIdentifier(table);
}

Error UsagesError(const std::string& connection, const catalog::Dependents& dependents, SourceSpan span) {
  std::vector<std::string> tables;
  std::vector<std::string> jobs;  // a job with several edges stands once in the message
  std::vector<std::string> lines;
  for (const auto& table : dependents.tables) {
    tables.push_back(TwoPartName(table.schema, table.name));
    lines.push_back(fmt::format("table {} ({})", tables.back(), TableStateName(table.state, table.attached)));
  }
  for (const auto& job : dependents.jobs) {
    auto name = base::QuoteIdentifier(job.name);
    lines.push_back(JobLine(job));
    if (jobs.empty() || jobs.back() != name) jobs.push_back(std::move(name));
  }
  Error error{.code = ErrorCode::kDependentsExist, .span = span};
  for (const auto& use : dependents.uses) lines.push_back(LastUseText(use));
  error.message = "Cannot delete connection due to usages: " + Join(tables) +
                  (tables.empty() || jobs.empty() ? "" : " ") + Join(jobs);
  for (std::size_t i = 0; i < lines.size() && i < 2 * kUsagesShownMax; ++i)
    error.detail += (i == 0 ? "" : "\n") + lines[i];
  if (lines.size() > 2 * kUsagesShownMax)
    error.detail += fmt::format("\nand {} more", lines.size() - 2 * kUsagesShownMax);
  error.hint = fmt::format(
      "SHOW DEPENDENTS OF CONNECTION {0} lists them. Drop them first (DROP JOB, DROP TABLE, DETACH TABLE, DETACH JOB), "
      "or take their "
      "records out of the catalog with the connection: DROP CONNECTION {0} CASCADE.",
      base::QuoteIdentifier(connection));
  return error;
}

Error TableInUseError(std::string_view verb, const std::string& table, const std::vector<catalog::DependentJob>& jobs,
                      SourceSpan span) {
  std::vector<std::string> names;
  Error error{.code = ErrorCode::kDependentsExist, .span = span};
  for (const auto& job : jobs) {
    auto name = base::QuoteIdentifier(job.name);
    error.detail += (error.detail.empty() ? "" : "\n") + JobLine(job);
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  error.message = fmt::format("cannot {} table {}: jobs use it: {}", verb, table, Join(names));
  error.hint = "Drop or change those jobs first.";
  return error;
}

}  // namespace berth::engine
