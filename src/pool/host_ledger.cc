#include <errno.h>
#include <fmt/core.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "base/fork_guard.h"
#include "base/mutex.h"
#include "base/try.h"
#include "pool/pool_texts.h"
#include "pool/slot_line.h"

namespace berth::pool {
namespace {

using std::chrono::milliseconds;

// How long the watching thread sleeps when nobody rings. A killed process rings no bell, so who waits looks himself.
constexpr milliseconds kLookWaiting{20};
constexpr milliseconds kLookPressed{100};
constexpr milliseconds kLookQuiet{1'000};

Status MakeFolder(const std::string& path, mode_t file_mode) {
  // Who may read the files may enter; files of a shared folder get its group.
  const mode_t enter = (file_mode & 0444U) >> 2U;
  const mode_t mode = file_mode | enter | ((file_mode & 0070U) != 0 ? S_ISGID : 0U);
  struct stat facts{};
  if (::mkdir(path.c_str(), mode) == 0 && ::chmod(path.c_str(), mode) == 0) return {};
  if (errno == EEXIST && ::stat(path.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode)) return {};
  const int code = errno;
  return Error{.code = ErrorCode::kCatalogUnavailable,
               .message = fmt::format("the folder {} cannot be made: {}", path, std::generic_category().message(code)),
               .hint = "It holds the slots by which all processes keep below MAX_CONCURRENT_CONNECTIONS."};
}

// The watchers of the catalog stand among those of the connections, whose ids are above 0.
constexpr std::int64_t kCatalog = 0;

// What the ledger shares with its slots and tickets, so that none need outlive another.
struct Watchers {
  base::Mutex mutex;
  std::uint64_t last BERTH_GUARDED_BY(mutex) = 0;
  std::map<std::int64_t, std::map<std::uint64_t, SlotLine::Wake>> of BERTH_GUARDED_BY(mutex);

  std::vector<SlotLine::Wake> Of(std::int64_t id) {
    const base::MutexLock lock(mutex);
    std::vector<SlotLine::Wake> all;
    if (const auto entry = of.find(id); entry != of.end()) {
      for (const auto& [number, wake] : entry->second) all.push_back(wake);
    }
    return all;
  }
  bool Any(std::int64_t id) {
    const base::MutexLock lock(mutex);
    return of.contains(id);
  }
};

class WatchTicket final : public Ticket {
 public:
  WatchTicket(std::shared_ptr<Watchers> watchers, std::int64_t id, std::function<void()> pressed)
      : watchers_(std::move(watchers)), id_(id) {
    const base::MutexLock lock(watchers_->mutex);
    number_ = ++watchers_->last;
    watchers_->of[id_].emplace(number_, std::make_shared<const std::function<void()>>(std::move(pressed)));
  }
  ~WatchTicket() override {
    const base::MutexLock lock(watchers_->mutex);
    const auto entry = watchers_->of.find(id_);
    entry->second.erase(number_);
    if (entry->second.empty()) watchers_->of.erase(entry);
  }

 private:
  const std::shared_ptr<Watchers> watchers_;
  const std::int64_t id_;
  std::uint64_t number_ = 0;
};

class HostTicket final : public Ticket {
 public:
  HostTicket(std::shared_ptr<SlotLine> line, std::function<void()> wake)
      : line_(std::move(line)), number_(line_->Stand(std::move(wake))) {}
  ~HostTicket() override {
    if (base::ForkEpoch() == epoch_) line_->Leave(number_);
  }
  std::uint64_t number() const { return number_; }
  std::size_t place() const override { return line_->PlaceOf(number_); }

 private:
  const std::shared_ptr<SlotLine> line_;
  const std::uint32_t epoch_ = base::ForkEpoch();
  const std::uint64_t number_;
};

class HostSlot final : public SlotHold {
 public:
  HostSlot(std::shared_ptr<SlotLine> line, TakenSlot taken) : line_(std::move(line)), taken_(taken) {}
  ~HostSlot() override {
    if (Ours() && !bequeathed_) line_->GiveBack(taken_.slot);
  }
  void Opened(std::int32_t backend_pid, std::int32_t cancel_key) noexcept override {
    if (!Ours()) return;
    SlotRecord& record = line_->record(taken_.slot);
    record.backend_pid.store(backend_pid, std::memory_order_relaxed);
    record.cancel_key.store(cancel_key, std::memory_order_relaxed);
  }
  void Note(SlotState state, Clock::Steady since) noexcept override {
    if (!Ours()) return;
    SlotRecord& record = line_->record(taken_.slot);
    record.since.store(std::chrono::nanoseconds(since.time_since_epoch()).count(), std::memory_order_relaxed);
    record.state.store(state, std::memory_order_relaxed);
  }
  std::optional<SlotOrphan> orphan() const override { return taken_.orphan; }
  std::size_t number() const noexcept override { return taken_.slot; }
  bool pressed() const noexcept override { return line_->hinted(); }
  Status Bequeath(std::string_view program) override {
    BERTH_TRY(line_->Bequeath(taken_.slot, program));
    bequeathed_ = true;
    return {};
  }

 private:
  bool Ours() const noexcept { return base::ForkEpoch() == epoch_; }

  const std::shared_ptr<SlotLine> line_;
  const TakenSlot taken_;
  bool bequeathed_ = false;
  const std::uint32_t epoch_ = base::ForkEpoch();
};

class HostLedger final : public SlotLedger {
 public:
  explicit HostLedger(HostLedgerOptions options)
      : options_(std::move(options)), holder_(ThisProcess(options_.program)) {}
  ~HostLedger() override;

  Result<std::optional<Slot>> TryTake(const SlotRequest& request) override;
  Result<std::unique_ptr<Ticket>> StandInLine(std::int64_t connection_id, std::function<void()> wake) override;
  LineView LookAtLine(std::int64_t connection_id, CapOf /*cap*/) override {
    const auto line = KnownLine(connection_id);
    return line != nullptr ? line->Look() : LineView{};
  }
  std::unique_ptr<Ticket> WatchPressure(std::int64_t connection_id, std::function<void()> pressed) override {
    return std::make_unique<WatchTicket>(watchers_, connection_id, std::move(pressed));
  }
  bool MayYield(std::int64_t connection_id, CapOf /*cap*/, std::chrono::nanoseconds interval) override {
    const auto line = KnownLine(connection_id);
    return line != nullptr && line->MayYield(interval);
  }
  void Announce(const SlotRequest& request) override {
    if (const auto line = LineOf(request.connection_id); line.ok()) {
      line.value()->AdoptCap(request);
      if (line.value()->hinted()) bell_->Ring();
    }
  }
  Refusals NoteRefused(std::int64_t connection_id, std::int64_t login_version, const Refusals& last) override {
    const auto line = LineOf(connection_id);
    return line.ok() ? line.value()->NoteRefused(login_version, last) : last;
  }
  Refusals Refused(std::int64_t connection_id, std::int64_t login_version) override {
    const auto line = LineOf(connection_id);
    return line.ok() ? line.value()->Refused(login_version) : Refusals{};
  }
  void ForgetRefused(std::int64_t connection_id) override {
    if (const auto line = LineOf(connection_id); line.ok()) line.value()->ForgetRefused();
  }
  std::vector<SlotFacts> Slots(std::int64_t connection_id) override {
    const auto line = LineOf(connection_id);
    return line.ok() ? line.value()->Facts() : std::vector<SlotFacts>{};
  }
  std::vector<SlotFacts> SlotsOfGroup(std::int64_t /*group_id*/) override { return {}; }
  void Forget(std::int64_t connection_id) override;
  void ForgetGroup(std::int64_t /*group_id*/) override {}
  std::uint64_t CatalogEpoch() override;
  void BumpCatalogEpoch() override;
  std::unique_ptr<Ticket> WatchCatalog(std::function<void()> changed) override;

 private:
  using Line = std::shared_ptr<SlotLine>;

  std::string PathOf(std::int64_t connection_id) const { return fmt::format("{}/{}", options_.folder, connection_id); }
  Result<const WakeWord*> Bell();
  Status OpenBell() BERTH_REQUIRES(mutex_);
  Result<Line> LineOf(std::int64_t connection_id);
  Line KnownLine(std::int64_t connection_id);
  bool Forked() const { return base::ForkEpoch() != epoch_; }
  void StartWatching();
  void Watch();
  milliseconds LookAround();

  const HostLedgerOptions options_;
  const SlotHolder holder_;
  const std::uint32_t epoch_ = base::ForkEpoch();
  std::shared_ptr<const WakeWord> bell_;              // made under the mutex, before the first line; then const
  std::atomic<const WakeWord*> known_bell_{nullptr};  // bell_, without the mutex
  const std::shared_ptr<Watchers> watchers_ = std::make_shared<Watchers>();
  base::Mutex mutex_;
  std::map<std::int64_t, Line> lines_ BERTH_GUARDED_BY(mutex_);
  std::thread watcher_ BERTH_GUARDED_BY(mutex_);
  bool watching_ BERTH_GUARDED_BY(mutex_) = false;
  std::uint64_t epoch_seen_ = 0;  // the watching thread's, set before it starts
  bool stopping_ BERTH_GUARDED_BY(mutex_) = false;
};

HostLedger::~HostLedger() {
  std::thread watcher;
  if (Forked()) {
    watcher_.detach();  // it never came along
    return;
  }
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
    watcher.swap(watcher_);
  }
  if (!watcher.joinable()) return;
  bell_->Ring();
  watcher.join();
}

Result<std::optional<Slot>> HostLedger::TryTake(const SlotRequest& request) {
  if (Forked()) return ForkedError();
  BERTH_ASSIGN(const Line line, LineOf(request.connection_id));
  std::optional<std::uint64_t> number;
  if (const auto* ticket = dynamic_cast<const HostTicket*>(request.ticket)) number = ticket->number();
  const auto taken = line->TryTake(request, number);
  if (!taken) return std::optional<Slot>();
  Slot slot(std::make_unique<HostSlot>(line, *taken));
  StartWatching();
  return std::make_optional(std::move(slot));
}

Result<std::unique_ptr<Ticket>> HostLedger::StandInLine(std::int64_t connection_id, std::function<void()> wake) {
  if (Forked()) return ForkedError();
  BERTH_ASSIGN(const Line line, LineOf(connection_id));
  std::unique_ptr<Ticket> ticket = std::make_unique<HostTicket>(line, std::move(wake));
  StartWatching();
  return ticket;
}

Result<HostLedger::Line> HostLedger::LineOf(std::int64_t connection_id) {
  const base::MutexLock lock(mutex_);
  BERTH_TRY(OpenBell());
  Line& line = lines_[connection_id];
  if (line == nullptr) {
    auto file = SlotFile::Open(PathOf(connection_id), options_.file_mode, options_.catalog_id);
    if (!file.ok()) {
      lines_.erase(connection_id);
      return std::move(file).TakeError();
    }
    line = std::make_shared<SlotLine>(std::move(file).value(), bell_, holder_);
  }
  return line;
}

Status HostLedger::OpenBell() {
  if (bell_ != nullptr) return {};
  BERTH_TRY(MakeFolder(options_.folder, options_.file_mode));
  BERTH_ASSIGN(bell_, WakeWord::Open(options_.folder + "/wake", options_.file_mode));
  known_bell_ = bell_.get();
  return {};
}

Result<const WakeWord*> HostLedger::Bell() {
  if (const WakeWord* bell = known_bell_; bell != nullptr) return bell;
  const base::MutexLock lock(mutex_);
  BERTH_TRY(OpenBell());
  return bell_.get();
}

std::uint64_t HostLedger::CatalogEpoch() {
  const auto bell = Bell();
  return bell.ok() ? bell.value()->Epoch() : 0;
}

void HostLedger::BumpCatalogEpoch() {
  if (const auto bell = Bell(); bell.ok()) bell.value()->BumpEpoch();
}

std::unique_ptr<Ticket> HostLedger::WatchCatalog(std::function<void()> changed) {
  auto watch = std::make_unique<WatchTicket>(watchers_, kCatalog, std::move(changed));
  if (!Forked() && Bell().ok()) StartWatching();
  return watch;
}

// Sessions of it may still be open here or elsewhere; whoever closes the file last removes it.
void HostLedger::Forget(std::int64_t connection_id) {
  if (Forked() || ::access(PathOf(connection_id).c_str(), F_OK) != 0) return;
  const auto line = LineOf(connection_id);
  if (!line.ok()) return;
  line.value()->Forget();
  const base::MutexLock lock(mutex_);
  lines_.erase(connection_id);
}

HostLedger::Line HostLedger::KnownLine(std::int64_t connection_id) {
  const base::MutexLock lock(mutex_);
  const auto entry = lines_.find(connection_id);
  return entry != lines_.end() ? entry->second : nullptr;
}

void HostLedger::StartWatching() {
  const base::MutexLock lock(mutex_);
  if (watching_ || stopping_) return;
  if (watcher_.joinable()) watcher_.join();  // it has ended, or is about to and takes no lock any more
  try {
    epoch_seen_ = bell_->Epoch();
    watcher_ = std::thread(&HostLedger::Watch, this);
    watching_ = true;
  } catch (const std::exception&) {
    // The next slot or ticket tries again; until then others are only served when sessions end.
  }
}

// Runs while slots are held or waited for here.
void HostLedger::Watch() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);  // signals are for the program's own threads
  for (;;) {
    const std::uint32_t seen = bell_->Read();
    const milliseconds most = LookAround();
    {
      const base::MutexLock lock(mutex_);
      const bool in_use = watchers_->Any(kCatalog) || std::any_of(lines_.begin(), lines_.end(), [](const auto& entry) {
                            return entry.second->InUse();
                          });
      if (stopping_ || !in_use) {
        watching_ = false;
        return;
      }
    }
    bell_->Sleep(seen, most);
  }
}

milliseconds HostLedger::LookAround() {
  std::vector<std::pair<std::int64_t, Line>> lines;
  {
    const base::MutexLock lock(mutex_);
    lines.assign(lines_.begin(), lines_.end());
  }
  milliseconds most = kLookQuiet;
  if (const std::uint64_t epoch = bell_->Epoch(); epoch != epoch_seen_) {
    epoch_seen_ = epoch;
    for (const auto& changed : watchers_->Of(kCatalog)) (*changed)();
  }
  for (const auto& [id, line] : lines) {
    if (line->Standing()) {
      most = std::min(most, kLookWaiting);
      if (const auto wake = line->WhomToWake()) (*wake)();
    }
    if (!line->OthersWait()) continue;
    most = std::min(most, kLookPressed);
    for (const auto& pressed : watchers_->Of(id)) (*pressed)();
  }
  return most;
}

}  // namespace

std::unique_ptr<SlotLedger> MakeHostLedger(HostLedgerOptions options) {
  return std::make_unique<HostLedger>(std::move(options));
}

}  // namespace berth::pool
