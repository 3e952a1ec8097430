#include "pool/wake_word.h"

#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <climits>

#include "base/try.h"
#include "pool/slot_file.h"

namespace berth::pool {
namespace {

constexpr std::size_t kSize = 4096;

}  // namespace

Result<std::unique_ptr<WakeWord>> WakeWord::Open(const std::string& path, mode_t mode) {
  BERTH_ASSIGN(const MappedFile mapped, MapFile(path, mode, kSize));
  ::close(mapped.fd);
  return std::unique_ptr<WakeWord>(new WakeWord(static_cast<Words*>(mapped.data)));
}

WakeWord::~WakeWord() {
  ::munmap(words_, kSize);
}

void WakeWord::Ring() const {
  words_->bell.fetch_add(1);
  ::syscall(SYS_futex, &words_->bell, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

void WakeWord::BumpEpoch() const {
  words_->epoch.fetch_add(1);
  Ring();
}

void WakeWord::Sleep(std::uint32_t seen, std::chrono::milliseconds most) const {
  const timespec time{.tv_sec = most.count() / 1000, .tv_nsec = most.count() % 1000 * 1'000'000};
  ::syscall(SYS_futex, &words_->bell, FUTEX_WAIT, seen, &time, nullptr, 0);
}

}  // namespace berth::pool
