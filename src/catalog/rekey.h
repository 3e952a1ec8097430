#pragma once

#include "berth/error.h"
#include "berth/keeping.h"
#include "catalog/sqlite_transaction.h"

namespace berth::catalog {

// Seals everything with a new key. First the new key joins the old ones in the key file, then one transaction seals all
// rows again: whenever the process dies, the file holds the key of every row, and the next call brings it to its end.
// The old keys stay in the file, behind the new one (kKeysMax in all): backups and what else was sealed with them still
// open. Errors: kFailedPrecondition (there is no key yet, or a password does not open: nothing was changed),
// kCatalogUnavailable, kDiskFull.
Result<RekeyReport> ChangeKey(const CatalogContext& context, Deadline deadline);

}  // namespace berth::catalog
