#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "catalog/store.h"
#include "sqlite/filesystem.h"

namespace berth::catalog {

// What Store::Open takes from the world, so that a test can put another world in its place.
struct SqliteWorld {
  std::function<Result<sqlite::Filesystem>(const std::string&)> probe = sqlite::ProbeFilesystem;
  std::chrono::milliseconds open_wait_max{10'000};  // for another process that makes or upgrades the same file
};
Result<std::unique_ptr<Store>> OpenSqliteStore(StoreOptions options, const SqliteWorld& world = {});

// "sqlite:PATH" -> the absolute path, symbolic links resolved. Errors: kInvalidArgument.
Result<std::string> PathOfUri(const std::string& uri);

}  // namespace berth::catalog
