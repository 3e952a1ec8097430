#include "base/caret.h"

#include <algorithm>

namespace berth::base {
namespace {

constexpr std::size_t kWidth = 60;  // characters of the line that are shown

bool IsStart(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

// Would move the caret from its place, or be obeyed by a terminal.
bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

std::size_t CountCharacters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), IsStart));
}

// The bytes of `text` from character `from`, at most `count` characters.
std::string_view Characters(std::string_view text, std::size_t from, std::size_t count) {
  std::size_t begin = text.size();
  std::size_t end = text.size();
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!IsStart(text[i])) continue;
    if (seen == from) begin = i;
    if (seen == from + count) {
      end = i;
      break;
    }
    ++seen;
  }
  return begin >= end ? std::string_view() : text.substr(begin, end - begin);
}

}  // namespace

Position PositionOf(std::string_view text, std::uint32_t offset) {
  const auto before = text.substr(0, std::min<std::size_t>(offset, text.size()));
  const auto newline = before.rfind('\n');
  const auto line_start = newline == std::string_view::npos ? 0 : newline + 1;
  return {.line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
          .column = 1 + CountCharacters(before.substr(line_start))};
}

std::string RenderCaret(std::string_view text, SourceSpan span) {
  const auto position = PositionOf(text, span.offset);
  const std::size_t offset = std::min<std::size_t>(span.offset, text.size());
  const auto newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const std::size_t line_start = newline == std::string_view::npos ? 0 : newline + 1;
  auto line = text.substr(line_start, text.find('\n', line_start) - line_start);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);

  const std::size_t length = CountCharacters(line);
  std::size_t first = 0;
  if (length > kWidth && position.column > kWidth * 2 / 3) first = position.column - kWidth * 2 / 3;
  const auto shown = Characters(line, first, kWidth);
  const std::string head = "LINE " + std::to_string(position.line) + ": " + (first > 0 ? "..." : "");
  std::string out = head;
  for (const char c : shown) out += IsControl(c) ? ' ' : c;
  if (first + kWidth < length) out += "...";

  // The carets stay below what is shown of the piece; past the line's end there is one.
  const std::size_t line_end = line_start + line.size();
  const auto piece = text.substr(offset, std::min<std::size_t>(span.length, line_end - std::min(line_end, offset)));
  const std::size_t before = position.column - 1 - first;
  const std::size_t room = kWidth - std::min(kWidth, before);
  const std::size_t carets = std::max<std::size_t>(1, std::min(CountCharacters(piece), room));
  return out + "\n" + std::string(head.size() + before, ' ') + std::string(carets, '^');
}

}  // namespace berth::base
