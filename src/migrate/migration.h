#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "berth/error.h"

namespace berth::migrate {

// One frozen, numbered step of a schema.
struct Migration {
  std::int64_t version = 0;
  std::string description;  // V0003__add_jobs.sql -> "add jobs"
  std::string sql;
  std::string checksum;  // SHA-256 of the normalised text, as hex
};

struct MigrationName {
  std::int64_t version = 0;
  std::string description;
};
inline constexpr std::int64_t kVersionMax = 999'999'999'999'999'999;  // 18 digits: room for timestamps

// "V<digits>__<name>.sql"; the name holds letters, digits and underscores. Errors: kInvalidArgument.
Result<MigrationName> ParseMigrationName(std::string_view file_name);

// What the checksum is taken of: without a byte order mark, lines ending in LF. An editor or a checkout that changes
// these changes nothing that a server would notice.
std::string NormaliseText(std::string_view text);

// Errors: as ParseMigrationName; kInvalidArgument also for a text of nothing but white space.
Result<Migration> MakeMigration(std::string_view file_name, std::string_view text);

}  // namespace berth::migrate
