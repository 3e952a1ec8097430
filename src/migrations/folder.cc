#include "migrations/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>

#include "base/crypto.h"
#include "base/strings.h"
#include "base/try.h"
#include "base/unique_fd.h"
#include "migrate/migration.h"

namespace berth::migrations {
namespace {

constexpr std::size_t kDescriptionBytesMax = 200;  // the column of the warehouse's history
constexpr std::size_t kScriptBytesMax = 1'000;
constexpr std::string_view kSuffix = ".sql";

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

// `path`: for whoever reads the message.
Result<std::string> ReadText(int folder, const char* name, std::string_view script, const std::string& path) {
  const base::UniqueFd fd(::openat(folder, name, O_RDONLY | O_CLOEXEC));
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
    return Error{.code = ErrorCode::kInvalidArgument, .message = fmt::format("{} cannot be read", path)};
  return text;
}

enum class Kind { kFile, kFolder, kOther };

// A link is what it leads to, but is not followed into a folder. One that leads nowhere is not passed over: reading it
// fails.
Kind KindOf(int folder, const dirent& entry) {
  if (entry.d_type == DT_REG) return Kind::kFile;
  struct stat facts{};
  if (::fstatat(folder, entry.d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) return Kind::kFile;
  if (S_ISDIR(facts.st_mode)) return Kind::kFolder;
  if (S_ISLNK(facts.st_mode) && ::fstatat(folder, entry.d_name, &facts, 0) != 0) return Kind::kFile;
  return S_ISREG(facts.st_mode) ? Kind::kFile : Kind::kOther;
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

// Goes through a folder and those in it by descriptors and names: for two hundred small files std::filesystem's paths,
// made and looked up for each, take longer than reading them.
class FolderReader {
 public:
  explicit FolderReader(const std::string& root) : root_(root.ends_with('/') ? root : root + "/") {}

  Result<std::vector<File>> Read() {
    BERTH_TRY(ReadFolder(AT_FDCWD, root_.c_str(), ""));
    return std::move(files_);
  }

 private:
  Error CannotRead(const std::string& path) const {
    return {.code = ErrorCode::kInvalidArgument,
            .message = fmt::format("{} cannot be read: {}", path, std::generic_category().message(errno))};
  }

  // `prefix`: what stands before its entries in a script's name.
  Status ReadFolder(int parent, const char* name, const std::string& prefix) {
    base::UniqueFd fd(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const std::unique_ptr<DIR, CloseFolder> folder(fd ? ::fdopendir(fd.get()) : nullptr);
    if (!folder) return CannotRead(root_ + prefix);
    const int own = fd.Release();  // closed with `folder`
    while (true) {
      errno = 0;
      const dirent* const entry = ::readdir(folder.get());  // NOLINT(concurrency-mt-unsafe): our own stream
      if (entry == nullptr) return errno == 0 ? Status() : CannotRead(root_ + prefix);
      const std::string_view word(entry->d_name);
      if (word == "." || word == "..") continue;
      const auto kind = KindOf(own, *entry);
      const auto script = prefix + entry->d_name;
      if (kind == Kind::kFolder) BERTH_TRY(ReadFolder(own, entry->d_name, script + "/"));
      if (kind == Kind::kFile && word.size() > kSuffix.size() && word.ends_with(kSuffix))
        BERTH_TRY(ReadFile(own, entry->d_name, script));
    }
  }

  Status ReadFile(int folder, const char* name, const std::string& script) {
    if (files_.size() == kFilesMax) {
      return Error{.code = ErrorCode::kLimitExceeded,
                   .message = fmt::format("{} holds more than {} migrations", root_, kFilesMax)};
    }
    BERTH_ASSIGN(const auto text, ReadText(folder, name, script, root_ + script));
    BERTH_ASSIGN(auto file, MakeFile(script, text));
    files_.push_back(std::move(file));
    return {};
  }

  const std::string root_;  // ends in a slash
  std::vector<File> files_;
};

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
  struct stat facts{};
  if (::stat(folder.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    return Error{
        .code = ErrorCode::kNotFound,
        .message = fmt::format("there is no folder {}", folder),
        .hint = "--dir names the folder of the migrations; `berth migrate new NAME` makes it with a first file."};
  }
  BERTH_ASSIGN(auto files, FolderReader(folder).Read());
  std::ranges::sort(files, Before);
  const auto twin = std::ranges::adjacent_find(files, {}, &File::Key);
  if (twin == files.end()) return files;
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("{} and {} have one {}", twin->script, std::next(twin)->script,
                                      twin->version ? "version" : "name"),
               .hint = "Each migration needs its own: rename the one that was not applied yet."};
}

}  // namespace berth::migrations
