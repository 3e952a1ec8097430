#include "statements/verified_pages.h"

#include <sys/stat.h>

#include <algorithm>

namespace berth::statements {
namespace {

constexpr std::size_t kPagesMax = 64;
constexpr std::int64_t kNanoseconds = 1'000'000'000;

}  // namespace

std::optional<VerifiedPages::Key> VerifiedPages::KeyOf(const base::FileRange& page) {
  struct stat facts{};
  if (::fstat(page.file->get(), &facts) != 0) return std::nullopt;
  return Key{.device = facts.st_dev,
             .inode = facts.st_ino,
             .written_ns = facts.st_mtim.tv_sec * kNanoseconds + facts.st_mtim.tv_nsec,
             .offset = page.offset};
}

void VerifiedPages::Add(const base::FileRange& page) {
  const auto key = KeyOf(page);
  if (!key) return;
  const base::MutexLock lock(mutex_);
  pages_.push_back(*key);
  if (pages_.size() > kPagesMax) pages_.pop_front();
}

bool VerifiedPages::Take(const base::FileRange& page) {
  const auto key = KeyOf(page);
  if (!key) return false;
  const base::MutexLock lock(mutex_);
  const auto found = std::find(pages_.begin(), pages_.end(), *key);
  if (found == pages_.end()) return false;
  pages_.erase(found);
  return true;
}

}  // namespace berth::statements
