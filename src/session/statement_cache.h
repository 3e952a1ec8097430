#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace berth::session {

inline constexpr std::size_t kCachedMax = 64;                // texts of a session that are remembered
inline constexpr std::size_t kCachedBytesMax = 16U * 1024U;  // of one; a longer one is parsed each time

// Which texts with parameters a session has prepared at the server, the least recently used first out. A text is worth
// it the second time; what is used once costs no round trip more. Names only: who holds the session talks to the
// server. One thread.
class StatementCache {
 public:
  struct Use {
    std::string name;  // empty: without a name
    bool prepare = false;
  };
  // How to run `sql` now. `may_evict`: outside a transaction, where names can be given back.
  Use Find(std::string_view sql, bool may_evict);
  // Its name is free at the server (`gone`), or is to be given back.
  void Drop(std::string_view sql, bool gone);
  void RetireAll();
  // Names to give back with DEALLOCATE; they are forgotten here.
  std::vector<std::string> TakeRetired();

 private:
  struct Entry {
    std::string sql;
    std::string name;  // empty: seen once
  };
  using Entries = std::list<Entry>;

  Entries entries_;  // the most recently used first
  std::unordered_map<std::string_view, Entries::iterator> by_text_;
  std::vector<std::string> retired_;
  std::uint64_t last_ = 0;
};

}  // namespace berth::session
