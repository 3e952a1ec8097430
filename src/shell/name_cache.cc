#include "shell/name_cache.h"

#include <system_error>
#include <utility>

#include "base/try.h"
#include "shell/sql_texts.h"

namespace berth::shell {
namespace {

constexpr std::chrono::milliseconds kCatalogWait{2'000};
// A cancel that comes just before the statement has no effect: it is repeated.
constexpr std::chrono::milliseconds kCancelAgain{20};

// The first column of a listing of Berth's own.
Status FirstColumn(Engine& engine, std::string_view statement, const Clock& clock, std::vector<std::string>& into) {
  BERTH_ASSIGN(const auto rows, engine.Execute(statement, "", {}, Deadline::After(clock, kCatalogWait)));
  while (true) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (!row) return {};
    if (!row->empty() && (*row)[0]) into.emplace_back(*(*row)[0]);
  }
}

}  // namespace

NameCache::NameCache(Engine& engine, Conversation& conversation, const Clock& clock)
    : engine_(engine), conversation_(conversation), clock_(clock) {}

NameCache::~NameCache() {
  Leave();
  {
    const base::MutexLock lock(mutex_);
    ended_ = true;
  }
  news_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void NameCache::Enter() {
  const auto state = conversation_.state();
  {
    const base::MutexLock lock(mutex_);
    leaving_ = false;
    if (of_ != state.connection) {
      auto fewer = *names_;
      fewer.relations.clear();
      names_ = std::make_shared<Names>(std::move(fewer));
      of_ = state.connection;
      stale_ = true;
    }
    // In a transaction nothing of ours is sent: if it failed, the transaction would have.
    const bool idle = state.session_open && state.transaction == TransactionState::kNone;
    work_ = {.catalog = true, .warehouse = stale_ && idle};
  }
  news_.notify_all();
  if (thread_.joinable()) return;
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {
    return;  // nothing is completed but keywords
  }
}

void NameCache::Leave() {
  base::MutexLock lock(mutex_);
  leaving_ = true;
  work_ = {};
  while (working_) {
    conversation_.Cancel();
    clock_.WaitUntil(news_, lock.native(), clock_.Now() + kCancelAgain);
  }
}

void NameCache::Forget() {
  const base::MutexLock lock(mutex_);
  stale_ = true;
}

std::shared_ptr<const Names> NameCache::names() const {
  const base::MutexLock lock(mutex_);
  return names_;
}

bool NameCache::leaving() const {
  const base::MutexLock lock(mutex_);
  return leaving_;
}

void NameCache::Publish(Names names) {
  const base::MutexLock lock(mutex_);
  names_ = std::make_shared<Names>(std::move(names));
}

void NameCache::Run() {
  while (true) {
    Work work;
    {
      base::MutexLock lock(mutex_);
      while (!ended_ && !work_.catalog) clock_.WaitUntil(news_, lock.native(), Clock::Steady::max());
      if (ended_) return;
      work = std::exchange(work_, {});
      working_ = true;
    }
    Fetch(work);
    {
      const base::MutexLock lock(mutex_);
      working_ = false;
    }
    news_.notify_all();
  }
}

// What cannot be fetched is not completed; that is no one's error.
void NameCache::Fetch(Work work) {
  Names names = *this->names();
  if (FetchCatalog(names).ok()) Publish(names);
  if (!work.warehouse || leaving()) return;
  const auto whole = FetchWarehouse(names);
  if (!whole.ok() || !whole.value()) return;
  Publish(std::move(names));
  const base::MutexLock lock(mutex_);
  stale_ = false;
}

Status NameCache::FetchCatalog(Names& names) {
  Names fresh;
  BERTH_ASSIGN(const auto connections, engine_.Connections());
  for (const auto& connection : connections) fresh.connections.push_back(connection.name);
  BERTH_TRY(FirstColumn(engine_, "SHOW JOBS", clock_, fresh.jobs));
  BERTH_TRY(FirstColumn(engine_, "SHOW SECRETS", clock_, fresh.secrets));
  if (names.options.empty()) {
    BERTH_TRY(FirstColumn(engine_, "SHOW CONNECTION OPTIONS", clock_, names.options));
  }
  names.connections = std::move(fresh.connections);
  names.jobs = std::move(fresh.jobs);
  names.secrets = std::move(fresh.secrets);
  return {};
}

// False: it was broken off.
Result<bool> NameCache::FetchWarehouse(Names& names) {
  names.relations.clear();
  BERTH_ASSIGN(const auto rows, conversation_.Pass(SqlText("names.sql"), {}, Deadline::After(clock_, kNamesWait)));
  while (true) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (!row) return true;
    if (leaving()) return false;
    const auto text = [&](std::size_t i) { return std::string((*row)[i].value_or("")); };
    auto& relations = names.relations;
    if (relations.empty() || relations.back().name != text(1) || relations.back().schema != text(0)) {
      relations.push_back({.schema = text(0), .name = text(1), .visible = text(2) == "t", .columns = {}});
    }
    if ((*row)[3]) relations.back().columns.push_back(text(3));
  }
}

}  // namespace berth::shell
