#include "base/caret.h"

#include <string>

#include <doctest/doctest.h>

namespace berth::base {
namespace {

SourceSpan Span(std::size_t offset, std::size_t length) {
  return {.offset = static_cast<std::uint32_t>(offset), .length = static_cast<std::uint32_t>(length)};
}

}  // namespace

TEST_CASE("positions count lines and characters") {
  const auto at = [](std::string_view text, std::uint32_t offset) {
    const auto position = PositionOf(text, offset);
    return std::to_string(position.line) + ":" + std::to_string(position.column);
  };
  CHECK(at("", 0) == "1:1");
  CHECK(at("abc", 2) == "1:3");
  CHECK(at("a\nbc", 2) == "2:1");
  CHECK(at("a\nbc", 3) == "2:2");
  CHECK(at("a\r\nb", 3) == "2:1");
  CHECK(at("\xC3\xA4\xE2\x82\xAC"
           "b",
           5) == "1:3");  // two characters of five bytes
  CHECK(at("abc", 99) == "1:4");
}

TEST_CASE("the caret stands below the piece") {
  CHECK(RenderCaret("select frm t", Span(7, 3)) == "LINE 1: select frm t\n               ^^^");
  CHECK(RenderCaret("a\nbcd\ne", Span(3, 1)) == "LINE 2: bcd\n         ^");
  CHECK(RenderCaret("a\r\nbcd\r\ne", Span(4, 2)) == "LINE 2: bcd\n         ^^");
  CHECK(RenderCaret("\xC3\xA4 x", Span(3, 1)) == "LINE 1: \xC3\xA4 x\n          ^");
  CHECK(RenderCaret("a\tb\x1B[2Jc", Span(2, 1)) == "LINE 1: a b [2Jc\n          ^");
  CHECK(RenderCaret("abc", Span(3, 0)) == "LINE 1: abc\n           ^");
  CHECK(RenderCaret("", Span(0, 0)) == "LINE 1: \n        ^");
  CHECK(RenderCaret("abc\n", Span(4, 0)) == "LINE 2: \n        ^");
  CHECK(RenderCaret("abc", Span(77, 5)) == "LINE 1: abc\n           ^");
  CHECK(RenderCaret("ab\ncd", Span(1, 4)) == "LINE 1: ab\n         ^");  // only on its first line
}

TEST_CASE("of a long line the piece's surroundings are shown") {
  const std::string line = std::string(100, 'a') + "XYZ" + std::string(100, 'b');
  const std::string text = RenderCaret(line, Span(100, 3));
  const auto newline = text.find('\n');
  const auto caret = text.find('^') - newline - 1;
  CHECK(text.substr(caret, 3) == "XYZ");
  CHECK(text.starts_with("LINE 1: ..."));
  CHECK(text.substr(0, newline).ends_with("..."));
  CHECK(newline < 80);
  CHECK(text.ends_with("^^^"));

  const std::string start = RenderCaret(line, Span(0, 2));
  CHECK(start == "LINE 1: " + std::string(60, 'a') + "...\n        ^^");

  const std::string whole = RenderCaret(line, Span(90, 110));  // carets do not run past what is shown
  CHECK(whole.size() - whole.find('\n') - 1 <= std::string("LINE 1: ...").size() + 60);

  const std::string last = RenderCaret(line, Span(line.size(), 0));
  CHECK(last.substr(0, last.find('\n')).ends_with("b"));
  CHECK(last.size() - last.find('\n') - 1 == last.find('\n') + 1);  // right after the last character

  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "\xE2\x82\xAC";
  const std::string euro = RenderCaret(wide + "x", Span(wide.size(), 1));
  CHECK(euro.find("x\n") != std::string::npos);
}

}  // namespace berth::base
