#include "base/log.h"

#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "berth/secret.h"

namespace berth {
namespace {

static_assert(!fmt::is_formattable<Secret>::value, "a secret must not be printable");

// The lines that were logged while it lived.
struct Lines {
  Lines() {
    log::SetSink([this](log::Level level, std::string_view line) {
      levels.push_back(level);
      texts.emplace_back(line);
    });
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;
  ~Lines() {
    log::SetSink({});
    log::SetLevel(log::Level::kWarn);
  }
  std::vector<log::Level> levels;
  std::vector<std::string> texts;
};

TEST_CASE("lines go to the sink, from level warn") {
  Lines lines;
  log::Debug("d");
  log::Info("i {}", 1);
  log::Warn("w {}", 2);
  log::Error("e {} {{}}", "x");
  CHECK(lines.texts == std::vector<std::string>{"w 2", "e x {}"});
  CHECK(lines.levels == std::vector<log::Level>{log::Level::kWarn, log::Level::kError});
}

TEST_CASE("the level can be changed, down to nothing") {
  Lines lines;
  log::SetLevel(log::Level::kDebug);
  CHECK(log::Wanted(log::Level::kDebug));
  log::Debug("d");
  log::Info("i");
  CHECK(lines.texts == std::vector<std::string>{"d", "i"});
  log::SetLevel(log::Level::kOff);
  log::Error("e");
  CHECK(lines.texts.size() == 2);
  CHECK_FALSE(log::Wanted(log::Level::kOff));
}

TEST_CASE("text with braces is not read as a format") {
  Lines lines;
  log::Write(log::Level::kWarn, "{} {0} {");
  CHECK(lines.texts == std::vector<std::string>{"{} {0} {"});
}

TEST_CASE("threads log whole lines") {
  Lines lines;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 100; ++i) log::Warn("line {}", i);
      });
    }
  }
  CHECK(lines.texts.size() == 400);
}

}  // namespace
}  // namespace berth
