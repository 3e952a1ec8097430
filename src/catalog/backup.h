#pragma once

#include <string>

#include "berth/error.h"
#include "berth/keeping.h"
#include "catalog/sqlite_transaction.h"
#include "catalog/store.h"

// A backup is a folder: catalog.db, catalog.db.key if it was asked for, and backup.txt, which is written last and says
// what the others are; without it there is no backup.
namespace berth::catalog {

// Consistent while others read and write. `folder` is made (0700) or is empty. Errors: kAlreadyExists (something is in
// it), kFailedPrecondition (`with_key`, and the key is not there), kDiskFull, kCatalogUnavailable; nothing is left
// then.
Result<BackupReport> BackUp(const CatalogContext& context, const std::string& folder, bool with_key);

// See RestoreCatalog. The catalog is put in its place in one step, after its key; a program that looks meanwhile sees
// none or the whole.
Result<RestoreReport> Restore(const StoreOptions& options, const std::string& folder);

}  // namespace berth::catalog
