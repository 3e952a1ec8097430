#include "base/log.h"

#include <memory>
#include <mutex>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace berth::log {
namespace {

spdlog::level::level_enum Theirs(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
    case Level::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

Level Ours(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return Level::kDebug;
    case spdlog::level::info:
      return Level::kInfo;
    case spdlog::level::warn:
      return Level::kWarn;
    case spdlog::level::err:
    case spdlog::level::critical:
      return Level::kError;
    default:
      return Level::kOff;
  }
}

// Standard error, or the function that took its place.
class SwitchSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  SwitchSink() { stderr_.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ berth[%P]: %v"); }
  void Switch(Sink instead) {
    const std::lock_guard lock(mutex_);
    sink_ = std::move(instead);
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (sink_) {
      sink_(Ours(message.level), std::string_view(message.payload.data(), message.payload.size()));
    } else {
      stderr_.log(message);
    }
  }
  void flush_() override { stderr_.flush(); }

  spdlog::sinks::stderr_sink_mt stderr_;
  Sink sink_;  // guarded by base_sink's mutex_
};

// Never destroyed, so that what runs at the end of the process can still log.
struct Parts {
  std::shared_ptr<SwitchSink> sink = std::make_shared<SwitchSink>();
  spdlog::logger logger{"berth", sink};
};
Parts& TheLog() {
  static Parts& parts = *[] {
    auto* made = new Parts;
    made->logger.set_level(spdlog::level::warn);
    made->logger.flush_on(spdlog::level::warn);
    return made;
  }();
  return parts;
}

thread_local const ThreadSink* thread_sink = nullptr;

}  // namespace

ThreadSink::ThreadSink(Level level, const Sink& sink) : level_(level), sink_(sink), before_(thread_sink) {
  thread_sink = this;
}
ThreadSink::~ThreadSink() {
  thread_sink = before_;
}

void SetLevel(Level level) {
  TheLog().logger.set_level(Theirs(level));
}
bool Wanted(Level level) {
  if (thread_sink != nullptr) return level >= thread_sink->level_ && thread_sink->sink_;
  return level != Level::kOff && TheLog().logger.should_log(Theirs(level));
}
void SetSink(Sink sink) {
  TheLog().sink->Switch(std::move(sink));
}
void Write(Level level, std::string_view line) {
  if (thread_sink != nullptr) {
    if (Wanted(level)) thread_sink->sink_(level, line);
    return;
  }
  TheLog().logger.log(Theirs(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace berth::log
