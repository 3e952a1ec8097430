#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "migrations/version.h"

namespace berth::migrations {

// One file of the folder.
struct File {
  std::string script;              // its path within the folder
  std::optional<Version> version;  // nullopt: repeatable
  std::string description;         // V0003__add_jobs.sql -> "add jobs"
  std::string text;                // without byte order mark, lines end in LF
  std::string checksum;            // SHA-256 of the text as hex; placeholders stand in it as they are written
  bool no_transaction = false;     // -- berth: no transaction

  // "V1.2" or "R add jobs": what files and rows of a history are matched by.
  std::string Key() const;
};
std::string KeyOf(const std::optional<Version>& version, std::string_view description);

inline constexpr std::size_t kFilesMax = 10'000;
inline constexpr std::size_t kFileBytesMax = 16u << 20;

// Its name, text aside. Errors: kInvalidArgument, which says what a name must look like.
Result<File> ParseFileName(std::string_view script);
Result<File> MakeFile(std::string_view script, std::string_view text);  // also for a text that is empty or not UTF-8

// All .sql files of the folder and of those in it: versioned ones in order, then repeatable ones by description; other
// files do not count. Errors: kNotFound (no such folder), kInvalidArgument (a name, two files with one version),
// kLimitExceeded.
Result<std::vector<File>> ReadFolder(const std::string& folder);

}  // namespace berth::migrations
