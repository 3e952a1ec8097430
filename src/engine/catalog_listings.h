#pragma once

#include <cstdint>
#include <optional>

#include "berth/error.h"
#include "engine/listing.h"
#include "engine/shared.h"

namespace berth::engine {

// What the catalog remembers, as the tables of system.information_schema have it. No secret is in any of them.
Result<Listing> ConnectionsListing(CatalogScope& scope);
Result<Listing> GroupsListing(CatalogScope& scope);
// One row for each table and each edge of a job.
Result<Listing> UsagesListing(CatalogScope& scope);
Result<Listing> TablesListing(CatalogScope& scope);
Result<Listing> JobsListing(CatalogScope& scope);
// The latest first; of one job, or of all.
Result<Listing> JobRunsListing(CatalogScope& scope);
Result<Listing> JobRunsListing(CatalogScope& scope, std::optional<std::int64_t> job_id);
// Names and references, never a value.
Result<Listing> SecretsListing(CatalogScope& scope);
// The newest kHistoryRowsMax changes.
Result<Listing> HistoryListing(CatalogScope& scope);

}  // namespace berth::engine
