#include "shell/progress.h"

#include <fmt/core.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "shell/output.h"
#include "shell/text_width.h"

namespace berth::shell {
namespace {

constexpr std::string_view kWheel = "|/-\\";
constexpr std::size_t kBarColumns = 20;

void WriteLine(std::string_view text) {
  Output err(STDERR_FILENO);
  err.Append("\r");
  err.Append(text);
  err.Append("\x1b[K");
}

std::string Grouped(std::size_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

std::string Bar(double part) {
  const auto full = static_cast<std::size_t>(part * kBarColumns);
  return fmt::format("[{}{}] {:.0f} %  ", std::string(full, '#'), std::string(kBarColumns - full, '-'), part * 100);
}

}  // namespace

std::unique_ptr<Progress> Progress::Start(const Clock& clock, std::optional<double> part_done) {
  const char* terminal = ::secure_getenv("TERM");
  const bool dumb = terminal == nullptr || *terminal == '\0' || std::string_view(terminal) == "dumb";
  if (dumb || ::isatty(STDERR_FILENO) != 1) return nullptr;
  std::unique_ptr<Progress> progress(new Progress(clock, part_done));
  try {
    progress->thread_ = std::thread([raw = progress.get()] { raw->Run(); });
  } catch (const std::system_error&) {
    return nullptr;  // a line less
  }
  return progress;
}

Progress::Progress(const Clock& clock, std::optional<double> part_done)
    : clock_(clock), began_(clock.Now()), part_done_(part_done) {}

void Progress::Waiting(const std::string& what) {
  const base::MutexLock lock(mutex_);
  const bool news = waiting_ != what;
  waiting_ = what;
  if (!stopped_ && news && !what.empty()) Paint();
}

void Progress::Hide() {
  const base::MutexLock lock(mutex_);
  Wipe();
}

void Progress::Stop() {
  {
    const base::MutexLock lock(mutex_);
    stopped_ = true;
    Wipe();
  }
  stop_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Progress::Run() {
  base::MutexLock lock(mutex_);
  auto next = began_ + kQuietFor;
  while (!stopped_) {
    clock_.WaitUntil(stop_, lock.native(), next);
    if (stopped_ || clock_.Now() < next) continue;
    Paint();
    next = clock_.Now() + kStep;
  }
}

void Progress::Paint() {
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  const std::size_t columns = (known ? size.ws_col : 80) - 1;
  std::string line = waiting_;
  if (line.empty()) {
    const auto seconds = std::chrono::duration<double>(clock_.Now() - began_).count();
    line = fmt::format("{} {:.1f} s", kWheel[turn_++ % kWheel.size()], seconds);
    if (part_done_) line = Bar(std::clamp(*part_done_, 0.0, 1.0)) + line;
    if (const std::size_t rows = rows_.load(std::memory_order_relaxed); rows > 0) {
      line += fmt::format(", {} row{}", Grouped(rows), rows == 1 ? "" : "s");
    }
    line += "  (Ctrl-C cancels)";
  }
  line = DisplayOneLine(line);
  while (ShapeOf(line).width > columns) {
    do {
      line.pop_back();
    } while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U);
  }
  WriteLine(line);
  shown_ = true;
}

void Progress::Wipe() {
  if (shown_) WriteLine("");
  shown_ = false;
}

}  // namespace berth::shell
