#pragma once

#include <cstdint>
#include <string>

#include "berth/error.h"

namespace berth::catalog {

inline constexpr const char* kBackupCatalog = "/catalog.db";
inline constexpr const char* kBackupKey = "/catalog.db.key";
inline constexpr const char* kBackupFacts = "/backup.txt";

// What backup.txt says: a first line, then one "name value" a line; names that are not known do not count.
struct BackupFacts {
  std::string made_at, made_by, program, catalog;
  std::string sha256;  // of catalog.db
  std::int64_t bytes = 0;
  std::string key;  // the fingerprint; empty: nothing in it is sealed
};
std::string TextOf(const BackupFacts& facts);
// Errors: kNotFound (it is not there), kCatalogCorrupt (it is something else).
Result<BackupFacts> ReadBackupFacts(const std::string& folder);

// The whole file as it is in memory: SHA-256 and size. Errors: kCatalogUnavailable.
struct FileFacts {
  std::string sha256;
  std::int64_t bytes = 0;
};
Result<FileFacts> FactsOfFile(const std::string& path);

}  // namespace berth::catalog
