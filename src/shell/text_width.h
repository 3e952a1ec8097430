#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace berth::shell {

// How one value looks on a terminal.
struct TextShape {
  std::size_t width = 0;  // columns of its widest line, once written as `Display` writes it
  bool as_is = true;      // one line without control characters: the bytes may be written as they are
  bool operator==(const TextShape&) const = default;
};

// Wide characters count two columns, combining ones none, whatever the locale; a byte that is no UTF-8 is shown as
// \xE9.
TextShape ShapeOf(std::string_view text);

// The lines of a value as psql shows them: cut at newlines, tabs filled up to the next multiple of 8, other control
// characters as \r, \x1B or \u0085, so that no value can play tricks on the terminal.
struct DisplayLine {
  std::string text;
  std::size_t width = 0;
};
std::vector<DisplayLine> Display(std::string_view text);

// The longest beginning that takes at most so many columns; no character is cut.
std::string_view CutToWidth(std::string_view text, std::size_t columns);

// As one line: a newline is written as \n. For names in prompts and messages.
std::string DisplayOneLine(std::string_view text);

}  // namespace berth::shell
