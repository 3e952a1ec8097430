#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "berth/error.h"
#include "catalog/records.h"
#include "engine/maintenance.h"
#include "migrations/folder.h"

namespace berth::migrations {

// Rows of the catalog's history.
catalog::MigrationRow RowOf(const File& file, std::size_t part, std::size_t parts);

// Adds rows within one unit, whose other statements are over: what its connections are is looked up once.
class RowWriter {
 public:
  explicit RowWriter(engine::CatalogUnit& unit) : unit_(unit) {}
  // `connection` is where the part ran, empty: on the catalog.
  Status Add(catalog::MigrationRow row, const std::string& connection);

 private:
  engine::CatalogUnit& unit_;
  std::map<std::string, std::optional<std::int64_t>> ids_;
};

}  // namespace berth::migrations
