#include "shell/text_width.h"

#include <doctest/doctest.h>

using berth::shell::DisplayOneLine;
using berth::shell::ShapeOf;
using berth::shell::TextShape;

TEST_CASE("Width of text on a terminal") {
  CHECK(ShapeOf("") == TextShape{.width = 0, .as_is = true});
  CHECK(ShapeOf("plain ASCII, of some length ~") == TextShape{.width = 29, .as_is = true});
  CHECK(ShapeOf("\xC3\xA4") == TextShape{.width = 1, .as_is = true});
  CHECK(ShapeOf("\xE4\xB8\xAD") == TextShape{.width = 2, .as_is = true});
  CHECK(ShapeOf("\xF0\x9F\x98\x80") == TextShape{.width = 2, .as_is = true});
  CHECK(ShapeOf("e\xCC\x81") == TextShape{.width = 1, .as_is = true});
  CHECK(ShapeOf("a\nlonger") == TextShape{.width = 6, .as_is = false});
  CHECK(ShapeOf("\t") == TextShape{.width = 8, .as_is = false});
  CHECK(ShapeOf("1234567\t") == TextShape{.width = 8, .as_is = false});
  CHECK(ShapeOf("\x7F") == TextShape{.width = 4, .as_is = false});
  CHECK(ShapeOf("\xC2\x85") == TextShape{.width = 6, .as_is = false});
}

TEST_CASE("One odd byte among plain ones is found wherever it is") {
  for (std::size_t at = 0; at < 24; ++at) {
    for (const char odd : {'\x1F', '\x7F', '\n', '\xFF'}) {
      std::string text(24, '~');
      text[at] = odd;
      CHECK_FALSE(ShapeOf(text).as_is);
    }
  }
}

TEST_CASE("Bytes that are no UTF-8 are shown as such") {
  CHECK(DisplayOneLine("\xE9t\xE9") == "\\xE9t\\xE9");
  CHECK(DisplayOneLine("\xC0\x80") == "\\xC0\\x80");                    // too long
  CHECK(DisplayOneLine("\xED\xA0\x80") == "\\xED\\xA0\\x80");           // a surrogate
  CHECK(DisplayOneLine("\xF4\x90\x80\x80") == "\\xF4\\x90\\x80\\x80");  // beyond the last
  CHECK(DisplayOneLine("\xE4\xB8") == "\\xE4\\xB8");                    // cut off
  CHECK(DisplayOneLine("a\nb\x1B") == "a\\nb\\x1B");
}
