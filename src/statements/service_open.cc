#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "base/try.h"
#include "statements/service_impl.h"

namespace berth::statements {
namespace {

namespace fs = std::filesystem;

// With mode 0700, whatever the umask.
Status MakeFolder(const std::string& path) {
  std::error_code failure;
  const bool made = fs::create_directories(path, failure);
  if (!failure && made) fs::permissions(path, fs::perms::owner_all, failure);
  if (!failure && fs::is_directory(path, failure)) return {};
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = "the folder " + path + " cannot be made: " + failure.message(),
               .hint = "Name a folder on a local disk that this user may write."};
}

}  // namespace

Result<std::unique_ptr<StatementService>> StatementService::Open(ServiceOptions options) {
  if (options.engine == nullptr) return Error{.message = "a service of statements needs an engine"};
  const Clock& clock = options.clock != nullptr ? *options.clock : Clock::System();
  std::error_code failure;
  const auto folder = fs::absolute(options.folder, failure).string();
  const auto results = folder + "/results";
  const auto owners = folder + "/owners";
  for (const auto& path : {folder, results, owners}) BERTH_TRY(MakeFolder(path));
  BERTH_ASSIGN(auto keys, options.engine->SealingKeys());
  auto sealer = std::make_unique<base::Sealer>(std::move(keys));
  const StoreOptions store{.path = folder + "/statements.db", .durable = options.durable, .clock = &clock};
  BERTH_ASSIGN(auto writer, Store::Open(store, *sealer));
  BERTH_ASSIGN(auto reader, Store::Open(store, *sealer));
  BERTH_ASSIGN(auto checkpointer, Store::Open(store, *sealer));
  BERTH_ASSIGN(auto owner, Owner::Make(owners, clock.WallNow()));
  auto service = std::make_unique<ServiceImpl>(ServiceImpl::Parts{.options = std::move(options),
                                                                  .clock = &clock,
                                                                  .sealer = std::move(sealer),
                                                                  .owner = std::move(owner),
                                                                  .reader = std::move(reader),
                                                                  .writer = std::move(writer),
                                                                  .checkpointer = std::move(checkpointer),
                                                                  .results = results,
                                                                  .owners = owners});
  BERTH_TRY(service->Begin());
  return std::unique_ptr<StatementService>(std::move(service));
}

ServiceImpl::ServiceImpl(Parts parts)
    : options_(std::move(parts.options)),
      limits_(options_.limits),
      clock_(*parts.clock),
      engine_(*options_.engine),
      results_(std::move(parts.results)),
      owners_(std::move(parts.owners)),
      sealer_(std::move(parts.sealer)),
      owner_(std::move(parts.owner)),
      budget_(options_.limits.results_bytes_max),
      reader_(std::move(parts.reader)),
      turns_(options_.limits.workers_max),
      checkpointer_(std::make_unique<Checkpointer>(std::move(parts.checkpointer), clock_)),
      writer_(std::make_unique<Writer>(std::move(parts.writer), options_.durable, clock_)) {}

Status ServiceImpl::Begin() {
  Sweep();
  {
    const base::MutexLock lock(read_mutex_);
    BERTH_ASSIGN(const auto bytes, reader_->StoredBytes());
    budget_.Set(bytes);
  }
  RemoveStrayResults();
  const auto now = clock_.Now();
  next_second_ = now + std::chrono::seconds(1);
  next_minute_ = now + std::chrono::minutes(1);
  ticker_ = std::thread([this] { Tick(); });
  return {};
}

ServiceImpl::~ServiceImpl() {
  Drain(Deadline::At(clock_.Now()));
  {
    const base::MutexLock lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  tick_.notify_all();
  if (ticker_.joinable()) ticker_.join();
  std::vector<std::thread> workers;
  {
    const base::MutexLock lock(mutex_);
    workers.swap(workers_);
  }
  for (auto& worker : workers) worker.join();
  writer_.reset();  // what was posted is written and told
  std::vector<RemoteWaiter> waiters;
  {
    const base::MutexLock lock(mutex_);
    for (const auto& [id, live] : live_) {
      for (auto& waiter : live->waiters) {
        waiters.push_back({.caller = live->record.facts.caller, .id = id, .waiter = std::move(waiter)});
      }
      live->waiters.clear();
    }
    for (auto& waiter : remote_waiters_) waiters.push_back(std::move(waiter));
    remote_waiters_.clear();
  }
  for (const auto& waiter : waiters) waiter.waiter.done(Describe(waiter.caller, waiter.id));
}

}  // namespace berth::statements
