#include "catalog/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/try.h"
#include "base/unique_fd.h"
#include "catalog/backup_facts.h"
#include "catalog/files.h"
#include "catalog/key_file.h"
#include "catalog/schema.h"
#include "catalog/seal.h"
#include "catalog/sealed_texts.h"
#include "catalog/sqlite_store.h"
#include "catalog/utc.h"

namespace berth::catalog {
namespace {

constexpr std::chrono::milliseconds kOpenWaitMax{10'000};
constexpr std::string_view kCopy = "VACUUM INTO ?";
constexpr std::string_view kCounts = "SELECT count(*) FROM connections";

// The backup's folder and what was put there: gone again unless Keep() was called.
class NewFolder {
 public:
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  explicit NewFolder(std::string path) : path_(std::move(path)) {}
  ~NewFolder() {
    if (kept_ || !ours_) return;
    for (const auto* const name : {kBackupFacts, kBackupKey, kBackupCatalog}) ::unlink((path_ + name).c_str());
    if (made_) ::rmdir(path_.c_str());
  }
  Status Make() {
    std::error_code failure;
    made_ = !std::filesystem::exists(path_, failure);
    BERTH_TRY(MakeFolders(path_));
    const bool empty = std::filesystem::is_empty(path_, failure);
    if (!empty || failure) {
      return Error{.code = ErrorCode::kAlreadyExists,
                   .message = fmt::format("{} is not an empty folder", path_),
                   .hint = "A backup is put into a folder of its own: name one that is empty or not there."};
    }
    ours_ = true;
    return {};
  }
  void Keep() { kept_ = true; }

 private:
  const std::string path_;
  bool made_ = false, ours_ = false, kept_ = false;
};

Status Sync(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() >= 0 && ::fsync(fd.get()) == 0) return {};
  return Error{.code = ErrorCode::kCatalogUnavailable,
               .message = fmt::format("{} cannot be synced: {}", path, std::generic_category().message(errno))};
}

// The file that another's key file is, byte for byte.
Status CopyKey(const std::string& from, const std::string& to) {
  BERTH_ASSIGN(const auto keys, ReadKeys(from));
  BERTH_ASSIGN(const auto made, MakeKeyFile(to, keys));
  if (made == Made::kMade) return {};
  return Error{.code = ErrorCode::kAlreadyExists, .message = fmt::format("{} is there already", to)};
}

bool Holds(const std::vector<Secret>& keys, std::string_view fingerprint) {
  for (const auto& key : keys) {
    if (base::KeyFingerprint(key.Reveal()) == fingerprint) return true;
  }
  return false;
}

// Which key the sealed passwords and secrets in `database` need; empty: none.
Result<std::string> KeyIn(sqlite::Database& database) {
  BERTH_ASSIGN(const auto texts, OtherSealedText(database, SealedPlace::kPassword, 0));
  return texts.empty() ? std::string() : std::string(FingerprintIn(texts.front().sealed));
}

Status RefuseThere(const std::string& path) {
  for (const auto* const end : {"", "-wal", "-shm", "-journal"}) {
    std::error_code failure;
    if (!std::filesystem::exists(path + end, failure)) continue;
    return Error{.code = ErrorCode::kAlreadyExists,
                 .message = fmt::format("{}{} is there: a backup is never put over a catalog", path, end),
                 .hint = fmt::format("End all that use it and move it away ({0}, {0}-wal and {0}-shm), or name another "
                                     "place with --catalog.",
                                     path)};
  }
  return {};
}

Error NotAsMade(const std::string& path) {
  return {.code = ErrorCode::kCatalogCorrupt,
          .message = fmt::format("{} is not as it was when the backup was made", path),
          .detail = "Its size or its SHA-256 differs from what backup.txt says.",
          .hint = "Take another copy of the backup."};
}

// Copies `from` under a name of its own beside `to` and links it there once it is whole and synced.
Status PutInPlace(const std::string& from, const BackupFacts& facts, const std::string& to) {
  std::string draft = to + ".XXXXXX";
  const base::UniqueFd out(::mkostemp(draft.data(), O_CLOEXEC));  // mode 0600
  const base::UniqueFd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
  int failure = out.get() < 0 || in.get() < 0 ? errno : 0;
  std::vector<char> buffer(1u << 20);
  while (failure == 0) {
    const auto got = ::read(in.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) break;
    for (ssize_t put = 0; got > 0 && put < got && failure == 0;) {
      const auto written = ::write(out.get(), buffer.data() + put, static_cast<std::size_t>(got - put));
      if (written > 0) put += written;
      if (written < 0 && errno != EINTR) failure = errno;
    }
    if (got < 0) failure = errno;
  }
  if (failure == 0 && ::fsync(out.get()) != 0) failure = errno;
  Status copied;
  if (failure == 0) {
    auto found = FactsOfFile(draft);
    if (!found.ok())
      copied = std::move(found).TakeError();
    else if (found.value().sha256 != facts.sha256 || found.value().bytes != facts.bytes)
      copied = NotAsMade(from);
    else if (::link(draft.c_str(), to.c_str()) != 0)
      failure = errno;
  }
  if (out.get() >= 0) ::unlink(draft.c_str());
  if (!copied.ok()) return copied;
  if (failure == 0) return Sync(std::filesystem::path(to).parent_path().string());
  const bool full = failure == ENOSPC || failure == EDQUOT || failure == EFBIG;
  return Error{.code = full ? ErrorCode::kDiskFull : ErrorCode::kCatalogUnavailable,
               .message = fmt::format("{} cannot be made: {}", to, std::generic_category().message(failure))};
}

// The key of the backup, if it has one, becomes the catalog's; one that is there already must hold it.
Status RestoreKey(const std::string& from, const std::string& to, const std::string& fingerprint) {
  std::error_code failure;
  if (!std::filesystem::exists(from, failure)) return {};
  BERTH_ASSIGN(const auto there, ReadKeys(to));
  if (there.empty()) return CopyKey(from, to);
  if (fingerprint.empty() || Holds(there, fingerprint)) return {};
  return Error{.code = ErrorCode::kAlreadyExists,
               .message = fmt::format("The key file {} is there and is not that of the backup ({})", to, fingerprint),
               .hint = "Move it away, or name another place with BERTH_KEY_FILE."};
}

}  // namespace

Result<BackupReport> BackUp(const CatalogContext& context, const std::string& folder, bool with_key) {
  NewFolder made(folder);
  BERTH_TRY(made.Make());
  const std::string copy = folder + kBackupCatalog;
  BERTH_ASSIGN(const auto draft, MakeFile(copy, ""));  // so that its mode is 0600
  static_cast<void>(draft);
  const auto deadline = Deadline::After(*context.clock, kOpenWaitMax);
  BERTH_ASSIGN(const auto source, context.handles->Open(deadline));
  BERTH_TRY(source->Run(kCopy, std::string_view(copy)));
  BERTH_TRY(Sync(copy));
  BackupReport report{.folder = folder, .with_key = with_key};
  {
    BERTH_ASSIGN(const auto database,
                 sqlite::Database::Open({.path = copy, .immutable = true, .clock = context.clock}, deadline));
    BERTH_ASSIGN(report.key, KeyIn(*database));
    BERTH_ASSIGN(auto count, database->Query(kCounts));
    BERTH_TRY(count.Step());
    report.connections = count.Integer(0);
  }
  if (with_key && !report.key.empty()) {
    BERTH_ASSIGN(const auto keys, ReadKeys(context.key_file));
    if (!Holds(keys, report.key)) {
      return Error{.code = ErrorCode::kFailedPrecondition,
                   .message = fmt::format("The key file {} does not hold the key {} that passwords are sealed with",
                                          context.key_file, report.key),
                   .hint = "Put that key file back, or make the backup without --with-key."};
    }
    BERTH_TRY(CopyKey(context.key_file, folder + kBackupKey));
  }
  BERTH_ASSIGN(const auto facts, FactsOfFile(copy));
  report.bytes = facts.bytes;
  BERTH_ASSIGN(const auto told, MakeFile(folder + kBackupFacts, TextOf({.made_at = UtcText(context.clock->WallNow()),
                                                                        .made_by = context.actor,
                                                                        .program = std::string(kProgramVersion),
                                                                        .catalog = context.path,
                                                                        .sha256 = facts.sha256,
                                                                        .bytes = facts.bytes,
                                                                        .key = report.key})));
  static_cast<void>(told);
  made.Keep();
  return report;
}

Result<RestoreReport> Restore(const StoreOptions& options, const std::string& folder) {
  BERTH_ASSIGN(const auto facts, ReadBackupFacts(folder));
  BERTH_ASSIGN(const std::string path, PathOfUri(options.uri));
  BERTH_TRY(RefuseThere(path));
  BERTH_TRY(MakeFolders(std::filesystem::path(path).parent_path().string()));
  const std::string key_file =
      options.key_file.empty() ? path + ".key" : std::filesystem::absolute(options.key_file).string();
  BERTH_TRY(RestoreKey(folder + kBackupKey, key_file, facts.key));
  BERTH_TRY(PutInPlace(folder + kBackupCatalog, facts, path));
  auto opened = Store::Open(options);
  if (!opened.ok()) {
    ::unlink(path.c_str());
    return std::move(opened).TakeError();
  }
  BERTH_ASSIGN(const auto keys, ReadKeys(key_file));
  return RestoreReport{.catalog = opened.value()->Name(),
                       .made_at = facts.made_at,
                       .made_by = facts.made_by,
                       .key = facts.key,
                       .key_there = facts.key.empty() || Holds(keys, facts.key)};
}

}  // namespace berth::catalog
