#pragma once

#include <cstddef>
#include <string>

#include "berth/error.h"
#include "catalog/records.h"
#include "engine/maintenance.h"
#include "migrations/folder.h"

namespace berth::migrations {

// Rows of the catalog's history.
catalog::MigrationRow RowOf(const File& file, std::size_t part, std::size_t parts);
// Adds it; `connection` is where the part ran, empty: on the catalog.
Status AddRow(engine::CatalogUnit& unit, catalog::MigrationRow row, const std::string& connection);

}  // namespace berth::migrations
