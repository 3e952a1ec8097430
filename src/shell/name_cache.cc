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

using TextRow = std::vector<std::string>;

// A listing of Berth's own.
Result<std::vector<TextRow>> Listing(Engine& engine, std::string_view statement, const Clock& clock) {
  BERTH_ASSIGN(const auto rows, engine.Execute(statement, "", {}, Deadline::After(clock, kCatalogWait)));
  std::vector<TextRow> all;
  while (true) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (!row) return all;
    auto& texts = all.emplace_back();
    for (const auto& field : *row) texts.emplace_back(field.value_or(""));
  }
}

// Its first column. What cannot be listed has no names.
std::vector<std::string> FirstColumn(Engine& engine, std::string_view statement, const Clock& clock) {
  const auto rows = Listing(engine, statement, clock);
  std::vector<std::string> names;
  if (!rows.ok()) return names;
  for (const auto& row : rows.value()) {
    if (!row.empty()) names.push_back(row[0]);
  }
  return names;
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
      fewer.in_use = state.connection;
      names_ = std::make_shared<Names>(std::move(fewer));
      of_ = state.connection;
      stale_ = true;
    }
    // In a transaction nothing of ours is sent: if it failed, the transaction would have.
    const bool idle = state.session_usable && state.transaction == TransactionState::kNone;
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
  while (talking_) {
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

void NameCache::Run() {
  while (true) {
    Work work;
    {
      base::MutexLock lock(mutex_);
      while (!ended_ && !work_.catalog) clock_.WaitUntil(news_, lock.native(), Clock::Steady::max());
      if (ended_) return;
      work = std::exchange(work_, {});
    }
    // What cannot be fetched is not completed; that is no one's error.
    static_cast<void>(FetchCatalog());
    if (work.warehouse) FetchWarehouse();
  }
}

// The statement that is entered meanwhile need not wait for this: it is no work of its conversation.
Status NameCache::FetchCatalog() {
  BERTH_ASSIGN(const auto version, engine_.CatalogVersion());
  if (version == catalog_version_) return {};
  Names fresh;
  BERTH_ASSIGN(const auto connections, engine_.Connections());
  for (const auto& connection : connections) fresh.connections.push_back(connection.name);
  BERTH_ASSIGN(const auto tables,
               Listing(engine_, "SELECT catalog, schema, name FROM system.information_schema.tables", clock_));
  for (const auto& table : tables) fresh.tables.push_back({table[0], table[1], table[2]});
  fresh.jobs = FirstColumn(engine_, "SHOW JOBS", clock_);
  fresh.secrets = FirstColumn(engine_, "SHOW SECRETS", clock_);
  fresh.options = FirstColumn(engine_, "SHOW CONNECTION OPTIONS", clock_);
  catalog_version_ = version;
  const base::MutexLock lock(mutex_);
  fresh.in_use = names_->in_use;
  fresh.relations = names_->relations;
  names_ = std::make_shared<Names>(std::move(fresh));
  return {};
}

void NameCache::FetchWarehouse() {
  {
    const base::MutexLock lock(mutex_);
    if (leaving_) return;
    talking_ = true;
  }
  auto relations = AskWarehouse();
  {
    const base::MutexLock lock(mutex_);
    talking_ = false;
    if (relations.ok() && !leaving_) {
      auto whole = *names_;
      whole.relations = std::move(relations).value();
      names_ = std::make_shared<Names>(std::move(whole));
      stale_ = false;
    }
  }
  news_.notify_all();
}

Result<std::vector<Names::Relation>> NameCache::AskWarehouse() {
  std::vector<Names::Relation> relations;
  BERTH_ASSIGN(const auto rows, conversation_.Pass(SqlText("names.sql"), {}, Deadline::After(clock_, kNamesWait)));
  while (true) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (!row || leaving()) return relations;
    const auto text = [&](std::size_t i) { return std::string((*row)[i].value_or("")); };
    if (relations.empty() || relations.back().name != text(1) || relations.back().schema != text(0)) {
      relations.push_back({.schema = text(0), .name = text(1), .visible = text(2) == "t", .columns = {}});
    }
    if ((*row)[3]) relations.back().columns.push_back(text(3));
  }
}

}  // namespace berth::shell
