#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "migrate/migration.h"

namespace berth::migrate {

// A row of a target's history.
struct AppliedMigration {
  std::int64_t version = 0;
  std::string description;
  std::string checksum;
  std::string program;  // "berth 0.1.0": who applied it
};

// What is left to apply, in the order of versions. Pure. `target` names the target in errors. Errors:
//   kInvalidArgument: two files have one version;
//   kFailedPrecondition: the history holds a version that no file has (a newer program made it: names both versions), a
//   file was changed after it was applied, or a file that was not applied is older than one that was.
Result<std::vector<Migration>> PlanMigrations(std::string_view target, std::span<const Migration> files,
                                              std::span<const AppliedMigration> history);

}  // namespace berth::migrate
