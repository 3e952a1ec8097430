#include "catalog/check.h"

#include <fmt/core.h>

#include <string>
#include <vector>

#include "base/crypto.h"
#include "base/strings.h"
#include "base/try.h"
#include "catalog/key_file.h"
#include "catalog/seal.h"
#include "catalog/sealed_texts.h"

namespace berth::catalog {
namespace {

constexpr std::string_view kIntegrity = "PRAGMA integrity_check(100)";  // kFindingsMax
constexpr std::string_view kReferences = "PRAGMA foreign_key_check";
constexpr std::string_view kCounts =
    "SELECT (SELECT count(*) FROM connections), (SELECT count(*) FROM tables), (SELECT count(*) FROM jobs),"
    " (SELECT count(*) FROM job_edges)";
// A job needs a connection: its own, or where it lives elsewhere, one that it was attached to.
constexpr std::string_view kLonelyJobs =
    "SELECT name FROM jobs AS j WHERE CASE external WHEN 1"
    " THEN NOT EXISTS (SELECT 1 FROM job_edges AS e WHERE e.job_id = j.id) ELSE connection_id IS NULL END"
    " ORDER BY name LIMIT 100";
void AddFault(CheckReport& report, std::string what, std::string hint = {}) {
  report.findings.push_back({.kind = CheckFinding::Kind::kFault, .what = std::move(what), .hint = std::move(hint)});
}

Status CheckPages(sqlite::Database& database, CheckReport& report) {
  BERTH_ASSIGN(auto rows, database.Query(kIntegrity));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return {};
    if (rows.Text(0) == "ok") continue;
    AddFault(report, "the file is damaged: " + rows.Text(0),
             "Restore a backup (berth restore), or save what can be read with the sqlite3 shell's .recover.");
  }
}

Status CheckReferences(sqlite::Database& database, CheckReport& report) {
  BERTH_ASSIGN(auto rows, database.Query(kReferences));
  for (std::size_t count = 0; count < kFindingsMax; ++count) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return {};
    AddFault(report, fmt::format("a row of {} refers to a row of {} that is not there", rows.Text(0), rows.Text(2)),
             "The file was changed past Berth. Restore a backup (berth restore).");
  }
  return {};
}

Status CheckJobs(sqlite::Database& database, CheckReport& report) {
  BERTH_ASSIGN(auto rows, database.Query(kLonelyJobs));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return {};
    AddFault(report, fmt::format("job {} has no connection", base::QuoteIdentifier(rows.Text(0))),
             "Drop or detach it, and record it again.");
  }
}

// Empty: it opens.
std::string WhySealed(const SealedText& text, const std::vector<Secret>& keys) {
  const auto fingerprint = FingerprintIn(text.sealed);
  if (fingerprint.empty()) return "it is no sealed text";
  const Secret* const key = FindKey(keys, fingerprint);
  if (key == nullptr) return fmt::format("it is sealed with key {}, which is not in the key file", fingerprint);
  return OpenSealed(*key, text.bound_to(), text.sealed) ? "" : "its row was edited past Berth";
}

Status CheckPasswords(sqlite::Database& database, const CatalogContext& context, CheckReport& report) {
  std::vector<Secret> keys;
  if (auto read = ReadKeys(context.key_file); read.ok()) {
    keys = std::move(read).value();
  } else {
    AddFault(report, read.error().message, read.error().hint);
  }
  std::size_t faults = 0;
  BERTH_ASSIGN(const auto texts, ListSealedTexts(database));
  for (const auto& text : texts) {
    ++report.passwords;
    const auto why = WhySealed(text, keys);
    if (why.empty() || faults == kFindingsMax) continue;
    ++faults;
    AddFault(report, fmt::format("the {} does not open: {}", text.Shown(), why),
             fmt::format("Put the right key file to {}, or {}.", context.key_file, text.Remedy()));
  }
  return {};
}

}  // namespace

Result<CheckReport> CheckRows(const CatalogContext& context, Deadline deadline) {
  BERTH_ASSIGN(const auto database, context.handles->Open(deadline));
  CheckReport report;
  BERTH_TRY(CheckPages(*database, report));
  if (!report.findings.empty()) return report;  // what else would be found is of no use
  BERTH_TRY(database->BeginRead());
  BERTH_TRY(CheckReferences(*database, report));
  BERTH_TRY(CheckJobs(*database, report));
  BERTH_TRY(CheckPasswords(*database, context, report));
  BERTH_ASSIGN(auto counts, database->Query(kCounts));
  BERTH_TRY(counts.Step());
  report.connections = counts.Integer(0);
  report.tables = counts.Integer(1);
  report.jobs = counts.Integer(2);
  report.edges = counts.Integer(3);
  return report;
}

}  // namespace berth::catalog
