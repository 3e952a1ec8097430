#pragma once

#include "berth/error.h"
#include "berth/keeping.h"
#include "catalog/sqlite_transaction.h"

namespace berth::catalog {

// Looks at every page, every reference, every job and every sealed password; changes nothing. What is wrong is a
// finding, at most kFindingsMax of a kind; an error only where it could not be looked at all.
inline constexpr std::size_t kFindingsMax = 100;
Result<CheckReport> CheckRows(const CatalogContext& context, Deadline deadline);

}  // namespace berth::catalog
