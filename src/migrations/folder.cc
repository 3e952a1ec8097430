#include "migrations/folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/crypto.h"
#include "base/strings.h"
#include "base/try.h"
#include "base/unique_fd.h"
#include "migrate/migration.h"

namespace berth::migrations {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDescriptionBytesMax = 200;  // the column of the warehouse's history
constexpr std::size_t kScriptBytesMax = 1'000;

Error BadName(std::string_view script, std::string_view reason) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = fmt::format("{} is not the name of a migration: {}", script, reason),
          .hint =
              "Name it V<version>__<what it does>.sql, as in V0003__add_jobs.sql (once, in order), or "
              "R__<what it does>.sql (again whenever it has changed)."};
}

// The comment lines before the first statement may say `-- berth: no transaction`.
Result<bool> SaysNoTransaction(std::string_view script, std::string_view text) {
  bool said = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = base::Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (!line.starts_with("--")) break;
    line = base::Trim(line.substr(2));
    if (!base::EqualsIgnoreCase(line.substr(0, 6), "berth:")) continue;
    if (!base::EqualsIgnoreCase(base::Trim(line.substr(6)), "no transaction")) {
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("{}: \"-- {}\" is not understood", script, line),
                   .hint = "There is one such line: -- berth: no transaction"};
    }
    said = true;
  }
  return said;
}

Result<std::string> ReadText(const fs::path& path, std::string_view script) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts{};
  const bool known = fd && ::fstat(fd.get(), &facts) == 0;
  const auto bytes = static_cast<std::size_t>(known ? facts.st_size : 0);
  if (bytes > kFileBytesMax) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("{} has {} bytes; a migration has at most {}", script, bytes, kFileBytesMax),
                 .hint = "Data belongs into S3: COPY loads it."};
  }
  std::string text(bytes, '\0');
  std::size_t have = 0;
  for (ssize_t got = 1; have < bytes && got > 0; have += static_cast<std::size_t>(std::max<ssize_t>(got, 0)))
    got = ::read(fd.get(), text.data() + have, bytes - have);
  if (!known || have < bytes)
    return Error{.code = ErrorCode::kInvalidArgument, .message = fmt::format("{} cannot be read", path.string())};
  return text;
}

bool Before(const File& a, const File& b) {
  if (a.version.has_value() != b.version.has_value()) return a.version.has_value();
  if (a.version != b.version) return *a.version < *b.version;
  if (!a.version && a.description != b.description) return a.description < b.description;
  return a.script < b.script;
}

}  // namespace

std::string KeyOf(const std::optional<Version>& version, std::string_view description) {
  return version ? "V" + version->Text() : fmt::format("R {}", description);
}

std::string File::Key() const {
  return KeyOf(version, description);
}

Result<File> ParseFileName(std::string_view script) {
  constexpr std::string_view kSuffix = ".sql";
  const auto slash = script.rfind('/');
  auto name = slash == std::string_view::npos ? script : script.substr(slash + 1);
  if (!name.ends_with(kSuffix)) return BadName(script, "it does not end in .sql");
  if (script.size() > kScriptBytesMax) return BadName(script, "it is longer than 1,000 bytes");
  name.remove_suffix(kSuffix.size());
  const auto underscores = name.find("__");
  if (underscores == std::string_view::npos) return BadName(script, "two underscores must stand before its words");
  File file;
  file.script = script;
  const auto prefix = name.substr(0, underscores);
  if (prefix != "R") {
    if (!prefix.starts_with('V')) return BadName(script, "it begins with neither V nor R__");
    file.version = Version::Parse(prefix.substr(1));
    if (!file.version) return BadName(script, fmt::format("\"{}\" is no version", prefix.substr(1)));
  }
  file.description = name.substr(underscores + 2);
  std::ranges::replace(file.description, '_', ' ');
  file.description = base::Trim(file.description);
  if (file.description.empty()) return BadName(script, "words must follow the two underscores");
  if (file.description.size() > kDescriptionBytesMax || !base::IsValidUtf8(file.description))
    return BadName(script, "its words are more than 200 bytes, or not UTF-8");
  return file;
}

Result<File> MakeFile(std::string_view script, std::string_view text) {
  BERTH_ASSIGN(auto file, ParseFileName(script));
  file.text = migrate::NormaliseText(text);
  if (base::Trim(file.text).empty())
    return Error{.code = ErrorCode::kInvalidArgument, .message = fmt::format("{} is empty", script)};
  if (!base::IsValidUtf8(file.text)) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("{} is not UTF-8", script),
                 .hint = "Save it as UTF-8."};
  }
  file.checksum = base::Sha256Hex(file.text);
  BERTH_ASSIGN(file.no_transaction, SaysNoTransaction(script, file.text));
  return file;
}

Result<std::vector<File>> ReadFolder(const std::string& folder) {
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) {
    return Error{
        .code = ErrorCode::kNotFound,
        .message = fmt::format("there is no folder {}", folder),
        .hint = "--dir names the folder of the migrations; `berth migrate new NAME` makes it with a first file."};
  }
  std::vector<File> files;
  fs::recursive_directory_iterator entries(folder, failure);
  for (; !failure && entries != fs::recursive_directory_iterator(); entries.increment(failure)) {
    if (entries->path().extension() != ".sql") continue;
    // A link that leads nowhere is not passed over: reading it fails.
    if (!entries->is_regular_file(failure) && (!entries->is_symlink(failure) || entries->exists(failure))) continue;
    const auto script = entries->path().lexically_relative(folder).generic_string();
    BERTH_ASSIGN(const auto text, ReadText(entries->path(), script));
    BERTH_ASSIGN(auto file, MakeFile(script, text));
    files.push_back(std::move(file));
    if (files.size() > kFilesMax) {
      return Error{.code = ErrorCode::kLimitExceeded,
                   .message = fmt::format("{} holds more than {} migrations", folder, kFilesMax)};
    }
  }
  if (failure) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("{} cannot be read: {}", folder, failure.message())};
  }
  std::ranges::sort(files, Before);
  const auto twin = std::ranges::adjacent_find(files, {}, &File::Key);
  if (twin == files.end()) return files;
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("{} and {} have one {}", twin->script, std::next(twin)->script,
                                      twin->version ? "version" : "name"),
               .hint = "Each migration needs its own: rename the one that was not applied yet."};
}

}  // namespace berth::migrations
