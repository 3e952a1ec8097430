#include "session/statement_cache.h"

#include <fmt/core.h>

#include <utility>

namespace berth::session {

StatementCache::Use StatementCache::Find(std::string_view sql, bool may_evict) {
  if (const auto found = by_text_.find(sql); found != by_text_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    Entry& entry = *found->second;
    const bool prepare = entry.name.empty();
    if (prepare) entry.name = fmt::format("berth_cached_{}", ++last_);
    return {.name = entry.name, .prepare = prepare};
  }
  if (sql.size() > kCachedBytesMax) return {};
  if (entries_.size() == kCachedMax) {
    const Entry& oldest = entries_.back();
    if (!oldest.name.empty()) {
      if (!may_evict) return {};
      retired_.push_back(oldest.name);
    }
    by_text_.erase(oldest.sql);
    entries_.pop_back();
  }
  entries_.push_front({.sql = std::string(sql), .name = {}});
  by_text_.emplace(entries_.front().sql, entries_.begin());
  return {};
}

void StatementCache::Drop(std::string_view sql, bool gone) {
  const auto found = by_text_.find(sql);
  if (found == by_text_.end()) return;
  const auto entry = found->second;
  by_text_.erase(found);
  if (!gone && !entry->name.empty()) retired_.push_back(std::move(entry->name));
  entries_.erase(entry);
}

void StatementCache::RetireAll() {
  by_text_.clear();
  for (Entry& entry : entries_) {
    if (!entry.name.empty()) retired_.push_back(std::move(entry.name));
  }
  entries_.clear();
}

std::vector<std::string> StatementCache::TakeRetired() {
  return std::exchange(retired_, {});
}

}  // namespace berth::session
