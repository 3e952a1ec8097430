#include "migrations/rows.h"

#include <utility>

#include "base/try.h"

namespace berth::migrations {

catalog::MigrationRow RowOf(const File& file, std::size_t part, std::size_t parts) {
  return {.version = file.version ? std::optional<std::string>(file.version->Text()) : std::nullopt,
          .description = file.description,
          .script = file.script,
          .checksum = file.checksum,
          .part = static_cast<std::int64_t>(part),
          .parts = static_cast<std::int64_t>(parts)};
}

Status RowWriter::Add(catalog::MigrationRow row, const std::string& connection) {
  if (!connection.empty()) {
    row.target = connection;
    const auto [id, is_new] = ids_.try_emplace(connection);
    if (is_new) {
      BERTH_ASSIGN(const auto found, unit_.transaction().FindConnection(connection));
      if (found) id->second = found->id;
    }
    row.connection_id = id->second;
  }
  return unit_.transaction().InsertMigration(row);
}

}  // namespace berth::migrations
