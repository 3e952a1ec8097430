#pragma once

#include <string>
#include <string_view>

#include "berth/error.h"

// The files that the catalog makes for itself: private to the user, and there whole or not at all.
namespace berth::catalog {

// Makes `folder` and those above it that are missing, each with mode 0700. Errors: kCatalogUnavailable.
Status MakeFolders(const std::string& folder);

enum class Made { kMade, kWasThere };
// Writes `content` to a new file with mode 0600, synced, under a name of its own and then links it to `path`: who reads
// `path` never sees half of it, and of two that make it at once one finds it there. (No descriptor of `path` itself is
// ever opened and closed here: that would drop the locks that SQLite holds on a catalog in this process.)
// Errors: kDiskFull, kCatalogUnavailable.
Result<Made> MakeFile(const std::string& path, std::string_view content);

// The file, which is there, holds `content` from now on, in one step; its mode and owner stay. Errors: as MakeFile.
Status ReplaceFile(const std::string& path, std::string_view content);

}  // namespace berth::catalog
