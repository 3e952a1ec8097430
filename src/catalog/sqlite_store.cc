#include "catalog/sqlite_store.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/mutex.h"
#include "base/try.h"
#include "catalog/backup.h"
#include "catalog/check.h"
#include "catalog/files.h"
#include "catalog/handles.h"
#include "catalog/key_file.h"
#include "catalog/rekey.h"
#include "catalog/schema.h"
#include "catalog/sqlite_transaction.h"

namespace berth::catalog {
namespace {

constexpr std::string_view kScheme = "sqlite:";
constexpr std::chrono::milliseconds kDataVersionWaitMax{1'000};  // a reader of WAL waits for a recovery only

class SqliteStore final : public Store {
 public:
  explicit SqliteStore(std::shared_ptr<const CatalogContext> context) : context_(std::move(context)) {}

  Result<std::unique_ptr<Transaction>> Begin(Access access, Deadline deadline) override {
    return SqliteTransaction::Begin(context_, access, deadline);
  }

  // The number that SQLite keeps for a handle changes with the commits of all others; the watcher never commits.
  Result<std::int64_t> DataVersion() override {
    const auto deadline = Deadline::After(*context_->clock, kDataVersionWaitMax);
    const base::MutexLock lock(mutex_);
    if (watcher_ == nullptr || watcher_->immutable()) {
      if (context_->handles->Immutable()) return ModificationTime();
      BERTH_ASSIGN(watcher_, context_->handles->Open(deadline));  // the first time, or it can be written now
    }
    watcher_->SetDeadline(deadline);
    return watcher_->DataVersion();
  }

  Result<Secret> Key() override {
    BERTH_ASSIGN(auto key, ReadKey(context_->key_file));
    if (key) return *std::move(key);
    return MakeKey(context_->key_file);
  }

  Result<std::vector<Secret>> Keys() override {
    BERTH_TRY(Key());
    return ReadKeys(context_->key_file);
  }

  Result<BackupReport> BackUp(const std::string& folder, bool with_key) override {
    return catalog::BackUp(*context_, folder, with_key);
  }
  Result<RekeyReport> ChangeKey(Deadline deadline) override { return catalog::ChangeKey(*context_, deadline); }
  Result<CheckReport> Check(Deadline deadline) override { return CheckRows(*context_, deadline); }

  std::string Name() const override { return fmt::format("{}{}", kScheme, context_->path); }

 private:
  // For a file that is read as it lies on the disk.
  Result<std::int64_t> ModificationTime() const {
    struct stat facts{};
    if (::stat(context_->path.c_str(), &facts) != 0) return std::int64_t{0};
    return std::int64_t{facts.st_mtim.tv_sec} * 1'000'000'000 + facts.st_mtim.tv_nsec;
  }

  const std::shared_ptr<const CatalogContext> context_;
  base::Mutex mutex_;
  std::unique_ptr<sqlite::Database> watcher_ BERTH_GUARDED_BY(mutex_);
};

Status RefuseNetwork(const SqliteWorld& world, const std::string& folder) {
  BERTH_ASSIGN(const auto filesystem, world.probe(folder));
  if (!filesystem.network) return {};
  return Error{.code = ErrorCode::kCatalogUnavailable,
               .message = fmt::format("The folder {} is on a network file system ({}): a catalog cannot be there",
                                      folder, filesystem.name),
               .detail =
                   "SQLite's log needs memory that all its readers share, which two machines do not have; the "
                   "catalog would be damaged.",
               .hint = "Name a file on a local disk with --catalog or BERTH_CATALOG."};
}

// A file that SQLite would take for a new database, though passwords were once sealed for it: it was cut off. (The key
// is made after the file's first page; what a log still holds is SQLite's to bring back.)
Status CheckNotEmptied(const std::string& path) {
  std::error_code none;
  const auto size = [&none](const std::string& file) {
    const auto bytes = std::filesystem::file_size(file, none);
    return none ? std::uintmax_t{0} : bytes;
  };
  const std::string key = path + ".key";
  if (size(path) > 1 || size(path + "-wal") > 0 || size(key) == 0) return {};
  return Error{.code = ErrorCode::kCatalogCorrupt,
               .message = fmt::format("The catalog {} is empty, but its key {} is there: it was cut off", path, key),
               .hint = fmt::format("Put back a backup of the catalog. To begin anew with that key, delete {}.", path)};
}

Status MakeCatalogFile(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Error{.code = ErrorCode::kCatalogUnavailable,
                 .message = fmt::format("The catalog {} is a folder", path),
                 .hint = "Name a file in it: sqlite:" + path + "/catalog.db"};
  }
  if (std::filesystem::exists(path, ignored)) return CheckNotEmptied(path);
  auto made = MakeFile(path, "");
  if (!made.ok()) return std::move(made).TakeError();
  return {};
}

}  // namespace

Result<std::string> PathOfUri(const std::string& uri) {
  const auto refuse = [&uri](std::string_view reason) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("'{}' does not name a catalog: {}", uri, reason),
                 .hint = "Write sqlite:PATH, as in sqlite:/var/lib/berth/catalog.db."};
  };
  if (!uri.starts_with(kScheme)) return refuse("it does not begin with sqlite:");
  const std::string path = uri.substr(kScheme.size());
  if (path.empty()) return refuse("the path is empty");
  if (path.find('\0') != std::string::npos) return refuse("the path holds a NUL byte");
  if (path.ends_with('/')) return refuse("the path is a folder");
  std::error_code failure;
  const auto absolute = std::filesystem::weakly_canonical(std::filesystem::absolute(path, failure), failure);
  if (failure) return refuse(failure.message());
  return absolute.string();
}

Result<std::unique_ptr<Store>> OpenSqliteStore(StoreOptions options, const SqliteWorld& world) {
  const Clock& clock = options.clock == nullptr ? Clock::System() : *options.clock;
  const auto deadline = Deadline::After(clock, std::min(options.open_wait_max, world.open_wait_max));
  BERTH_ASSIGN(const std::string path, PathOfUri(options.uri));
  const std::string folder = std::filesystem::path(path).parent_path().string();
  BERTH_TRY(MakeFolders(folder));
  BERTH_TRY(RefuseNetwork(world, folder));
  BERTH_TRY(MakeCatalogFile(path));

  auto context = std::make_shared<CatalogContext>();
  context->path = path;
  context->key_file = options.key_file.empty() ? path + ".key" : std::filesystem::absolute(options.key_file).string();
  context->actor = std::move(options.actor);
  context->clock = &clock;
  context->handles = std::make_shared<Handles>(path, clock);
  BERTH_ASSIGN(auto handle, context->handles->Take(Access::kRead, deadline));
  Status upgraded = UpgradeSchema(*handle, clock, deadline);
  context->handles->Return(std::move(handle));
  BERTH_TRY(std::move(upgraded));
  return std::unique_ptr<Store>(std::make_unique<SqliteStore>(std::move(context)));
}

Result<std::unique_ptr<Store>> Store::Open(StoreOptions options) {
  return OpenSqliteStore(std::move(options));
}

}  // namespace berth::catalog
