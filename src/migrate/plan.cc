#include "migrate/plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace berth::migrate {
namespace {

Error Newer(std::string_view target, const AppliedMigration& newest, std::int64_t known) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("{} is at version {} (made by {}); this program knows versions up to {}", target,
                                 newest.version, newest.program, known),
          .hint = fmt::format("Use {} or later.", newest.program)};
}

Error Unknown(std::string_view target, const AppliedMigration& row) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("{} had migration {} ({}) applied by {}, and no file has that version", target,
                                 row.version, row.description, row.program),
          .hint = "Put the file back: a migration that was applied is never removed."};
}

Error Changed(std::string_view target, const AppliedMigration& row, const Migration& file) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("Migration {} ({}) was changed after it was applied to {}", row.version,
                                 row.description, target),
          .detail = fmt::format("checksum then {:.12}, now {:.12}", row.checksum, file.checksum),
          .hint = "Put the old text back and write the change as a new migration."};
}

Error OutOfOrder(std::string_view target, const Migration& file, std::int64_t newest) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("Migration {} ({}) was not applied to {}, which is already at version {}",
                                 file.version, file.description, target, newest),
          .hint = fmt::format("Give it a version above {}.", newest)};
}

}  // namespace

Result<std::vector<Migration>> PlanMigrations(std::string_view target, std::span<const Migration> files,
                                              std::span<const AppliedMigration> history) {
  std::map<std::int64_t, const Migration*> known;
  for (const auto& file : files) {
    if (!known.emplace(file.version, &file).second) {
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("Two migrations have version {}: {} and {}", file.version,
                                          known[file.version]->description, file.description)};
    }
  }
  const std::int64_t newest_known = known.empty() ? 0 : known.rbegin()->first;
  std::int64_t newest_applied = 0;
  const auto newest = std::ranges::max_element(history, {}, &AppliedMigration::version);
  if (newest != history.end()) newest_applied = newest->version;
  if (newest_applied > newest_known) return Newer(target, *newest, newest_known);

  for (const auto& row : history) {
    const auto file = known.find(row.version);
    if (file == known.end()) return Unknown(target, row);
    if (file->second->checksum != row.checksum) return Changed(target, row, *file->second);
    known.erase(file);
  }
  std::vector<Migration> pending;
  for (const auto& [version, file] : known) {
    if (version < newest_applied) return OutOfOrder(target, *file, newest_applied);
    pending.push_back(*file);
  }
  return pending;
}

}  // namespace berth::migrate
