#pragma once

namespace berth::test {

// What a terminal may be like; the tests on one are run on each of them.
struct TerminalKind {
  int columns;
  const char* locale;
};
inline constexpr TerminalKind kTerminals[] = {{80, "C.UTF-8"}, {200, "C.UTF-8"}, {80, "C"}, {200, "C"}};
// Each width and each locale once, for tests that take seconds.
inline constexpr TerminalKind kTwoTerminals[] = {{80, "C"}, {200, "C.UTF-8"}};

}  // namespace berth::test
