#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

// The program's own log: what an operator should know and no caller can be told. It goes to standard error at level
// warn unless the program says otherwise. A Secret has no formatter, so log::Warn("{}", secret) does not compile; text
// that a user typed must be redacted before it gets here. Safe from many threads.
namespace berth::log {

enum class Level : std::uint8_t { kDebug, kInfo, kWarn, kError, kOff };

// What is below `level` is dropped before it is formatted.
void SetLevel(Level level);
bool Wanted(Level level);

// Where lines go, without a line end; an empty function brings back standard error. Called under the log's lock: it
// must not log.
using Sink = std::function<void(Level level, std::string_view line)>;
void SetSink(Sink sink);

void Write(Level level, std::string_view line);

// While it lives, what this thread has to say at `level` or above goes to `sink`, and nothing to the program's log: for
// a library whose hosts have logs of their own. `sink` must outlive it; an empty one drops all. They nest.
class ThreadSink {
 public:
  ThreadSink(Level level, const Sink& sink);
  ThreadSink(const ThreadSink&) = delete;
  ThreadSink& operator=(const ThreadSink&) = delete;
  ~ThreadSink();

 private:
  friend bool Wanted(Level level);
  friend void Write(Level level, std::string_view line);
  const Level level_;
  const Sink& sink_;
  const ThreadSink* const before_;
};

template <class... Args>
void Debug(fmt::format_string<Args...> format, Args&&... args) {
  if (Wanted(Level::kDebug)) Write(Level::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void Info(fmt::format_string<Args...> format, Args&&... args) {
  if (Wanted(Level::kInfo)) Write(Level::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void Warn(fmt::format_string<Args...> format, Args&&... args) {
  if (Wanted(Level::kWarn)) Write(Level::kWarn, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void Error(fmt::format_string<Args...> format, Args&&... args) {
  if (Wanted(Level::kError)) Write(Level::kError, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace berth::log
