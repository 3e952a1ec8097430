#include "shell/progress.h"

#include <fmt/core.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "shell/output.h"
#include "shell/text_width.h"

namespace berth::shell {
namespace {

constexpr std::string_view kWheel = "|/-\\";
constexpr std::size_t kBarColumns = 20;
constexpr std::size_t kTypedColumnsMax = 20;

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

// One terminal has one line: that of the statement that runs.
struct Terminal {
  base::Mutex mutex;
  Progress* line BERTH_GUARDED_BY(mutex) = nullptr;
  std::size_t questions BERTH_GUARDED_BY(mutex) = 0;
};
Terminal& TheTerminal() {
  static Terminal terminal;
  return terminal;
}

}  // namespace

std::string ProgressLine(const ProgressFacts& now, std::size_t turn) {
  std::string line;
  if (now.part_done) line = Bar(std::clamp(*now.part_done, 0.0, 1.0));
  if (!now.what.empty()) line += now.what + "  ";
  line += fmt::format("{} {:.1f} s", kWheel[turn % kWheel.size()], now.seconds);
  if (now.rows > 0) line += fmt::format(", {} row{}", Grouped(now.rows), now.rows == 1 ? "" : "s");
  if (now.cancels) line += "  (Ctrl-C cancels)";
  return line;
}

Clock::Steady FirstPaint(const ProgressFacts& facts, Clock::Steady now) {
  return std::max(now, facts.silent_since.value_or(now) + Progress::kQuietFor);
}

std::size_t ProgressColumns(std::size_t columns) {
  return columns - std::clamp<std::size_t>(columns / 8, 1, kTypedColumnsMax);
}

std::unique_ptr<Progress> Progress::Start(const Clock& clock, ProgressFacts facts) {
  const char* terminal = ::secure_getenv("TERM");
  const bool dumb = terminal == nullptr || *terminal == '\0' || std::string_view(terminal) == "dumb";
  if (dumb || ::isatty(STDERR_FILENO) != 1) return nullptr;
  std::unique_ptr<Progress> progress(new Progress(clock, std::move(facts)));
  {
    Terminal& here = TheTerminal();
    const base::MutexLock lock(here.mutex);
    here.line = progress.get();
    if (here.questions > 0) progress->Hold(true);
  }
  try {
    progress->thread_ = std::thread([raw = progress.get()] { raw->Run(); });
  } catch (const std::system_error&) {
    return nullptr;  // a line less
  }
  return progress;
}

Progress::Progress(const Clock& clock, ProgressFacts facts)
    : clock_(clock),
      facts_(std::move(facts)),
      part_done_(facts_.part_done.value_or(-1)),
      began_(clock.Now()),
      next_(FirstPaint(facts_, began_)) {}

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

void Progress::Hold(bool held) {
  const base::MutexLock lock(mutex_);
  held_ = held;
  if (held) return Wipe();
  began_ = clock_.Now();
  next_ = began_ + kQuietFor;
}

void Progress::Stop() {
  {
    Terminal& here = TheTerminal();
    const base::MutexLock lock(here.mutex);
    if (here.line == this) here.line = nullptr;
  }
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
  while (!stopped_) {
    clock_.WaitUntil(stop_, lock.native(), next_);
    if (stopped_ || clock_.Now() < next_) continue;
    Paint();
    next_ = clock_.Now() + kStep;
  }
}

void Progress::Paint() {
  if (held_) return;
  winsize size{};
  const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  const std::size_t columns = ProgressColumns(known ? size.ws_col : 80);
  std::string line = waiting_;
  if (line.empty()) {
    ProgressFacts now = facts_;
    const double part = part_done_.load(std::memory_order_relaxed);
    now.part_done = part < 0 ? std::nullopt : std::optional(part);
    now.seconds = std::chrono::duration<double>(clock_.Now() - began_).count();
    now.rows = rows_.load(std::memory_order_relaxed);
    line = ProgressLine(now, turn_++);
  }
  WriteLine(CutToWidth(DisplayOneLine(line), columns));
  shown_ = true;
}

void Progress::Wipe() {
  if (shown_) WriteLine("");
  shown_ = false;
}

ProgressPause::ProgressPause() {
  Terminal& here = TheTerminal();
  const base::MutexLock lock(here.mutex);
  if (++here.questions == 1 && here.line != nullptr) here.line->Hold(true);
}

ProgressPause::~ProgressPause() {
  Terminal& here = TheTerminal();
  const base::MutexLock lock(here.mutex);
  if (--here.questions == 0 && here.line != nullptr) here.line->Hold(false);
}

}  // namespace berth::shell
