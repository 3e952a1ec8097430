#include <errno.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "base/block_signals.h"
#include "base/fork_guard.h"
#include "base/mutex.h"
#include "base/try.h"
#include "pool/host_holds.h"
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

// Lines of groups stand among those of connections.
std::int64_t GroupKey(std::int64_t group_id) {
  return -group_id;
}

std::optional<std::uint64_t> NoTicket() {
  return std::nullopt;
}

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

class HostLedger final : public SlotLedger {
 public:
  explicit HostLedger(HostLedgerOptions options)
      : options_(std::move(options)), holder_(ThisProcess(options_.program)) {}
  ~HostLedger() override;

  Result<std::optional<Slot>> TryTake(const SlotRequest& request) override;
  Result<std::unique_ptr<Ticket>> StandInLine(std::int64_t connection_id, std::function<void()> wake) override;
  LineView LookAtLine(std::int64_t connection_id, CapOf cap) override {
    const auto line = KnownLine(connection_id, cap);
    return line != nullptr ? line->Look(connection_id) : LineView{};
  }
  std::unique_ptr<Ticket> WatchPressure(std::int64_t connection_id, std::function<void()> pressed) override {
    return std::make_unique<WatchTicket>(watchers_, connection_id, std::move(pressed));
  }
  bool MayYield(std::int64_t connection_id, CapOf cap, std::chrono::nanoseconds interval) override {
    const auto line = KnownLine(connection_id, cap);
    return line != nullptr && line->MayYield(interval);
  }
  void Announce(const SlotRequest& request) override;
  Refusals NoteRefused(std::int64_t connection_id, std::int64_t login_version, const Refusals& last) override {
    const auto line = LineOf(connection_id);
    return line.ok() ? line.value()->NoteRefused(login_version, last) : last;
  }
  Refusals Refused(std::int64_t connection_id, std::int64_t login_version) override {
    const auto line = LineToRead(connection_id);
    return line != nullptr ? line->Refused(login_version) : Refusals{};
  }
  void ForgetRefused(std::int64_t connection_id) override {
    if (const auto line = LineToRead(connection_id); line != nullptr) line->ForgetRefused();
  }
  std::vector<SlotFacts> Slots(std::int64_t connection_id) override {
    const auto line = LineToRead(connection_id);
    return line != nullptr ? line->Facts() : std::vector<SlotFacts>{};
  }
  std::vector<SlotFacts> SlotsOfGroup(std::int64_t group_id) override {
    const auto line = LineToRead(GroupKey(group_id));
    return line != nullptr ? line->Facts() : std::vector<SlotFacts>{};
  }
  void Forget(std::int64_t connection_id) override { ForgetLine(connection_id); }
  void ForgetGroup(std::int64_t group_id) override { ForgetLine(GroupKey(group_id)); }
  std::uint64_t CatalogEpoch() override;
  void BumpCatalogEpoch() override;
  std::unique_ptr<Ticket> WatchCatalog(std::function<void()> changed) override;

 private:
  using Line = std::shared_ptr<SlotLine>;

  std::string PathOf(std::int64_t key) const;
  Result<std::optional<Slot>> TakeBoth(const SlotRequest& request, const Line& line, HostTicket* ticket);
  Result<const WakeWord*> Bell();
  Status OpenBell() BERTH_REQUIRES(mutex_);
  Result<Line> LineOf(std::int64_t key);
  Line LineToRead(std::int64_t key);
  Result<Line> GroupLineOf(const SlotRequest& request);
  Line KnownLine(std::int64_t connection_id, CapOf cap);
  void ForgetLine(std::int64_t key);
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
  std::map<std::int64_t, Line> lines_ BERTH_GUARDED_BY(mutex_);           // by connection id or GroupKey
  std::map<std::int64_t, std::int64_t> groups_ BERTH_GUARDED_BY(mutex_);  // GroupKey, by connection id
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
  auto* ticket = dynamic_cast<HostTicket*>(request.ticket);
  if (request.group) return TakeBoth(request, line, ticket);
  if (ticket != nullptr) ticket->LeaveGroup();
  const auto taken = line->TryTake(ShareOf(request), ticket != nullptr ? ticket->number() : NoTicket());
  if (!taken) return std::optional<Slot>();
  StartWatching();
  return std::make_optional<Slot>(std::make_unique<HostSlot>(line, *taken));
}

// Nothing is held while something else is waited for: who is first among his connection's and finds the group's slots
// out gives way there, and stands in the group's line instead. So that line has one of each connection at most, and
// none in it waits for a place that somebody behind him has.
Result<std::optional<Slot>> HostLedger::TakeBoth(const SlotRequest& request, const Line& line, HostTicket* ticket) {
  const SlotShare share = ShareOf(request);
  const SlotShare of_group = ShareOf(request.connection_id, *request.group);
  BERTH_ASSIGN(const Line group, GroupLineOf(request));
  StartWatching();
  const auto number = ticket != nullptr ? ticket->number() : NoTicket();
  if (!line->MayTake(share, number)) {
    if (ticket != nullptr) ticket->LeaveGroup();
    return std::optional<Slot>();
  }
  // Who waits stands there from his first slot on, so that two who want several each never hold half of them.
  if (ticket != nullptr) ticket->StandInGroup(group, request.connection_id);
  const auto from_group = group->TryTake(of_group, ticket != nullptr ? ticket->group_number() : NoTicket());
  if (!from_group) return std::optional<Slot>();
  group->record(from_group->slot).state = SlotState::kBusy;
  const auto taken = line->TryTake(share, number);
  if (!taken) {
    group->GiveBackOneOf(request.connection_id);
    return std::optional<Slot>();
  }
  return std::make_optional<Slot>(std::make_unique<HostSlot>(line, *taken, group, request.connection_id));
}

Result<std::unique_ptr<Ticket>> HostLedger::StandInLine(std::int64_t connection_id, std::function<void()> wake) {
  if (Forked()) return ForkedError();
  BERTH_ASSIGN(const Line line, LineOf(connection_id));
  std::unique_ptr<Ticket> ticket = std::make_unique<HostTicket>(line, connection_id, std::move(wake));
  StartWatching();
  return ticket;
}

void HostLedger::Announce(const SlotRequest& request) {
  bool hinted = false;
  if (const auto line = LineOf(request.connection_id); line.ok()) {
    line.value()->Adopt(ShareOf(request));
    hinted = line.value()->hinted();
  }
  if (request.group) {
    if (const auto group = GroupLineOf(request); group.ok()) {
      group.value()->Adopt(ShareOf(request.connection_id, *request.group));
      hinted = hinted || group.value()->hinted();
    }
  } else {
    const base::MutexLock lock(mutex_);
    groups_.erase(request.connection_id);
  }
  if (hinted) bell_->Ring();
}

Result<HostLedger::Line> HostLedger::GroupLineOf(const SlotRequest& request) {
  const std::int64_t key = GroupKey(request.group->group_id);
  BERTH_ASSIGN(Line line, LineOf(key));
  const base::MutexLock lock(mutex_);
  groups_[request.connection_id] = key;
  return line;
}

std::string HostLedger::PathOf(std::int64_t key) const {
  if (options_.folder.empty()) return "";
  return key > 0 ? fmt::format("{}/{}", options_.folder, key) : fmt::format("{}/group-{}", options_.folder, -key);
}

Result<HostLedger::Line> HostLedger::LineOf(std::int64_t key) {
  const base::MutexLock lock(mutex_);
  BERTH_TRY(OpenBell());
  Line& line = lines_[key];
  if (line == nullptr) {
    auto file = SlotFile::Open(PathOf(key), options_.file_mode, options_.catalog_id);
    if (!file.ok()) {
      lines_.erase(key);
      return std::move(file).TakeError();
    }
    line = std::make_shared<SlotLine>(std::move(file).value(), bell_, holder_);
  }
  return line;
}

// For a look alone, which leaves no file behind and none open: a listing of ten thousand connections that nobody uses
// costs neither room on the disk nor descriptors. Null: nobody has taken a slot of it yet.
HostLedger::Line HostLedger::LineToRead(std::int64_t key) {
  {
    const base::MutexLock lock(mutex_);
    if (const auto known = lines_.find(key); known != lines_.end()) return known->second;
    if (options_.folder.empty() || ::access(PathOf(key).c_str(), F_OK) != 0 || !OpenBell().ok()) return nullptr;
  }
  auto file = SlotFile::Open(PathOf(key), options_.file_mode, options_.catalog_id);
  return file.ok() ? std::make_shared<SlotLine>(std::move(file).value(), bell_, holder_) : nullptr;
}

Status HostLedger::OpenBell() {
  if (bell_ != nullptr) return {};
  const bool in_memory = options_.folder.empty();
  if (!in_memory) BERTH_TRY(MakeFolder(options_.folder, options_.file_mode));
  BERTH_ASSIGN(bell_, WakeWord::Open(in_memory ? "" : options_.folder + "/wake", options_.file_mode));
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
void HostLedger::ForgetLine(std::int64_t key) {
  if (Forked() || (!options_.folder.empty() && ::access(PathOf(key).c_str(), F_OK) != 0)) return;
  const auto line = LineOf(key);
  if (!line.ok()) return;
  line.value()->Forget();
  const base::MutexLock lock(mutex_);
  lines_.erase(key);
}

HostLedger::Line HostLedger::KnownLine(std::int64_t connection_id, CapOf cap) {
  const base::MutexLock lock(mutex_);
  std::int64_t key = connection_id;
  if (cap == CapOf::kGroup) {
    const auto group = groups_.find(connection_id);
    if (group == groups_.end()) return nullptr;
    key = group->second;
  }
  const auto entry = lines_.find(key);
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
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // The next slot or ticket tries again; until then others are only served when sessions end.
  }
}

// Runs while slots are held or waited for here.
void HostLedger::Watch() {
  base::BlockSignals();
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
  std::map<std::int64_t, Line> lines;
  std::map<std::int64_t, std::int64_t> groups;
  {
    const base::MutexLock lock(mutex_);
    lines = lines_;
    groups = groups_;
  }
  milliseconds most = kLookQuiet;
  if (const std::uint64_t epoch = bell_->Epoch(); epoch != epoch_seen_) {
    epoch_seen_ = epoch;
    for (const auto& changed : watchers_->Of(kCatalog)) (*changed)();
  }
  for (const auto& [key, line] : lines) {
    if (line->hinted()) line->Settle();
    if (!line->Standing()) continue;
    most = std::min(most, kLookWaiting);
    for (const auto& wake : line->WhomToWake()) (*wake)();
  }
  for (const auto& [key, line] : lines) {
    if (key < 0) continue;
    const auto group = groups.find(key);
    const bool in_group = group != groups.end() && lines.contains(group->second);
    if (!line->OthersWait(key) && !(in_group && lines[group->second]->OthersWait(key))) continue;
    most = std::min(most, kLookPressed);
    for (const auto& pressed : watchers_->Of(key)) (*pressed)();
  }
  return most;
}

}  // namespace

std::unique_ptr<SlotLedger> MakeHostLedger(HostLedgerOptions options) {
  return std::make_unique<HostLedger>(std::move(options));
}

}  // namespace berth::pool
