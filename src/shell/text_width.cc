#include "shell/text_width.h"

#include <fmt/core.h>
#include <locale.h>
#include <wchar.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace berth::shell {
namespace {

// glibc's table of widths lives in a locale; C.UTF-8 is always there, and is used for the length of a scope only.
class Utf8Scope {
 public:
  Utf8Scope() : before_(::uselocale(Utf8())) {}
  Utf8Scope(const Utf8Scope&) = delete;
  Utf8Scope& operator=(const Utf8Scope&) = delete;
  ~Utf8Scope() { ::uselocale(before_); }

 private:
  static locale_t Utf8() {
    static locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", static_cast<locale_t>(nullptr));
    return locale;  // null leaves the thread's own in place
  }
  locale_t before_;
};

struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
  bool valid = true;
};

Character Decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {.code = first};
  const std::size_t bytes = first >= 0xF0 && first < 0xF5   ? 4
                            : first >= 0xE0 && first < 0xF0 ? 3
                            : first >= 0xC2 && first < 0xE0 ? 2
                                                            : 0;
  if (bytes == 0 || text.size() < bytes) return {.code = first, .valid = false};
  std::uint32_t code = first & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {.code = first, .valid = false};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  const bool too_long = (bytes == 3 && code < 0x800) || (bytes == 4 && code < 0x10000);
  if (too_long || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return {.code = first, .valid = false};
  return {.code = code, .bytes = bytes};
}

bool AllPrintableAscii(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const char* at = text.data();
  const char* const end = at + text.size();
  std::uint64_t bad = 0;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    // A byte is bad if its high bit is set, if it is below 0x20, or 0x7F (which adding one carries into the high bit).
    bad |= (word | (word + kOnes) | (word - kOnes * 0x20)) & kHighs;
  }
  if (bad != 0) return false;
  return std::all_of(at, end, [](char c) { return c >= 0x20 && c < 0x7F; });
}

constexpr std::size_t kTabStop = 8;

// Calls `piece(shown, width, same)` for each character (`same`: it is shown as it is) and `newline()` between lines.
template <class Piece, class Newline>
void Walk(std::string_view text, Piece piece, Newline newline) {
  const Utf8Scope scope;
  std::size_t column = 0;
  const auto put = [&](std::string_view shown, std::size_t width, bool same = false) {
    piece(shown, width, same);
    column += width;
  };
  while (!text.empty()) {
    const Character c = Decode(text);
    const auto bytes = text.substr(0, c.bytes);
    text.remove_prefix(c.bytes);
    if (!c.valid) {
      put(fmt::format("\\x{:02X}", c.code), 4);
    } else if (c.code == '\n') {
      newline();
      column = 0;
    } else if (c.code == '\t') {
      const std::size_t spaces = kTabStop - column % kTabStop;
      put(std::string(spaces, ' '), spaces);
    } else if (c.code == '\r') {
      put("\\r", 2);
    } else if (c.code < 0x20 || c.code == 0x7F) {
      put(fmt::format("\\x{:02X}", c.code), 4);
    } else if (c.code < 0x7F) {
      put(bytes, 1, true);
    } else if (const int width = ::wcwidth(static_cast<wchar_t>(c.code)); width >= 0) {
      put(bytes, static_cast<std::size_t>(width), true);
    } else if (c.code <= 0xFFFF) {
      put(fmt::format("\\u{:04X}", c.code), 6);
    } else {
      put(bytes, 1, true);  // unassigned above the first plane: newer than the table
    }
  }
}

}  // namespace

TextShape ShapeOf(std::string_view text) {
  if (AllPrintableAscii(text)) return {.width = text.size()};
  TextShape shape;
  std::size_t width = 0;
  Walk(
      text,
      [&](std::string_view, std::size_t columns, bool same) {
        width += columns;
        shape.width = std::max(shape.width, width);
        shape.as_is = shape.as_is && same;
      },
      [&] {
        width = 0;
        shape.as_is = false;
      });
  return shape;
}

std::string_view CutToWidth(std::string_view text, std::size_t columns) {
  while (ShapeOf(text).width > columns) {
    std::size_t end = text.size() - 1;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end);
  }
  return text;
}

std::vector<DisplayLine> Display(std::string_view text) {
  std::vector<DisplayLine> lines(1);
  Walk(
      text,
      [&](std::string_view shown, std::size_t width, bool) {
        lines.back().text += shown;
        lines.back().width += width;
      },
      [&] { lines.emplace_back(); });
  return lines;
}

std::string DisplayOneLine(std::string_view text) {
  std::string out;
  for (const auto& line : Display(text)) {
    out += line.text;
    out += "\\n";
  }
  out.resize(out.size() - 2);
  return out;
}

}  // namespace berth::shell
