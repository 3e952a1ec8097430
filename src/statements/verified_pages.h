#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <optional>

#include "base/file_range.h"
#include "base/mutex.h"

namespace berth::statements {

// Pages of results that were found unchanged before anybody asked for them: while a client takes one page, there is
// time to look at the next. The latest 64 are known. Safe from many threads.
class VerifiedPages {
 public:
  void Add(const base::FileRange& page);
  // Whether it was added and its file has not been written since. Holds once for each Add().
  bool Take(const base::FileRange& page);

 private:
  // A file as it was last written, and a page's place in it.
  struct Key {
    dev_t device = 0;
    ino_t inode = 0;
    std::int64_t written_ns = 0;
    std::uint64_t offset = 0;
    bool operator==(const Key&) const = default;
  };
  static std::optional<Key> KeyOf(const base::FileRange& page);

  base::Mutex mutex_;
  std::deque<Key> pages_ BERTH_GUARDED_BY(mutex_);  // the oldest first
};

}  // namespace berth::statements
