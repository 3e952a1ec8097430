#include "shell/progress.h"

#include <doctest/doctest.h>

#include "shell/text_width.h"

using berth::Clock;
using berth::shell::CutToWidth;
using berth::shell::FirstPaint;
using berth::shell::Progress;
using berth::shell::ProgressColumns;
using berth::shell::ProgressLine;

TEST_CASE("The line says how long, how many rows, and how much of the whole") {
  CHECK(ProgressLine({.seconds = 1.26}, 0) == "| 1.3 s  (Ctrl-C cancels)");
  CHECK(ProgressLine({.seconds = 61, .rows = 1}, 1) == "/ 61.0 s, 1 row  (Ctrl-C cancels)");
  CHECK(ProgressLine({.seconds = 2, .rows = 1'234'567}, 2) == "- 2.0 s, 1,234,567 rows  (Ctrl-C cancels)");
  CHECK(ProgressLine({.part_done = 0.4, .seconds = 2}, 7) == "[########------------] 40 %  \\ 2.0 s  (Ctrl-C cancels)");
  CHECK(ProgressLine({.part_done = 0.0, .what = "V0001__a.sql", .cancels = false, .seconds = 2}, 0) ==
        "[--------------------] 0 %  V0001__a.sql  | 2.0 s");
  CHECK(ProgressLine({.part_done = 7.0, .cancels = false}, 0) == "[####################] 100 %  | 0.0 s");
}

TEST_CASE("A short statement of a script that has run for long shows the line at once") {
  const auto began = Clock::Steady() + std::chrono::seconds(10);
  CHECK(FirstPaint({}, began) == began + Progress::kQuietFor);
  CHECK(FirstPaint({.silent_since = began}, began + std::chrono::milliseconds(1)) == began + Progress::kQuietFor);
  const auto late = began + std::chrono::seconds(5);
  CHECK(FirstPaint({.silent_since = began}, late) == late);
}

TEST_CASE("The line leaves room for what is typed behind it") {
  CHECK(ProgressColumns(1) == 0);
  CHECK(ProgressColumns(10) == 9);
  CHECK(ProgressColumns(80) == 70);
  CHECK(ProgressColumns(400) == 380);
}

TEST_CASE("A line is cut where the screen ends, between characters") {
  CHECK(CutToWidth("abc", 3) == "abc");
  CHECK(CutToWidth("abc", 2) == "ab");
  CHECK(CutToWidth("a\xE4\xB8\xAD\xE6\x96\x87", 4) == "a\xE4\xB8\xAD");  // two columns each
  CHECK(CutToWidth("a\xE4\xB8\xAD", 2) == "a");
  CHECK(CutToWidth("\xE4\xB8\xAD", 1).empty());
  CHECK(CutToWidth("", 0).empty());
}
