#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "berth/error.h"

// What keeping a catalog needs: copies, a new key, a look at all that is in it.
namespace berth {

struct BackupReport {
  std::string folder;
  std::int64_t connections = 0;
  std::int64_t bytes = 0;
  std::string key;  // the fingerprint of the key that passwords in it are sealed with; empty: none are
  bool with_key = false;
};

struct RestoreReport {
  std::string catalog;
  std::string made_at, made_by;  // of the backup
  std::string key;               // as in BackupReport
  bool key_there = false;        // the key file beside the catalog has it
};

struct RekeyReport {
  std::string key;  // the fingerprint of the one that counts now
  std::int64_t passwords = 0;
  bool resumed = false;  // a change of the key that was cut off was brought to its end
};

struct CheckFinding {
  enum class Kind : std::uint8_t {
    kMended,
    kFault,  // still so
  };
  Kind kind = Kind::kFault;
  std::string what;
  std::string hint;
};
struct CheckReport {
  std::int64_t connections = 0, tables = 0, jobs = 0, edges = 0, passwords = 0;
  std::vector<CheckFinding> findings;
};

struct EngineOptions;

// Puts the backup in `folder` where `options` say that the catalog is. Nothing may be there yet. Errors: kNotFound (the
// folder holds no whole backup), kCatalogCorrupt (it was changed since it was made), kAlreadyExists (a catalog, or
// another key file, is there), kDiskFull, kCatalogUnavailable, and those of Engine::Open.
Result<RestoreReport> RestoreCatalog(const EngineOptions& options, const std::string& folder);

}  // namespace berth
