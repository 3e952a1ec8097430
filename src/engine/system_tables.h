#pragma once

#include <string_view>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/rows.h"
#include "engine/shared.h"
#include "pool/cancellation.h"

namespace berth::engine {

// SELECT .. FROM system.information_schema.x: one SELECT over what the catalog remembers and what runs now, in SQLite's
// SQL. It sees listings only, never a secret, and can change nothing. Errors: kNotFound (42P01) for a table that is
// none, with its place, and those of sqlite::SelectInMemory.
Result<Outcome> SelectSystem(std::string_view text, Parameters parameters, CatalogScope& scope,
                             const pool::Cancellation* cancellation, Deadline deadline);

inline constexpr std::size_t kSystemSelectBytesMax = 1u << 20;  // 1 MiB

}  // namespace berth::engine
