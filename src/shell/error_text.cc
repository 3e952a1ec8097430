#include "shell/error_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "base/caret.h"
#include "parser/redact.h"
#include "shell/masking.h"

namespace berth::shell {
namespace {

std::string Prefix(const Place& place, std::size_t line) {
  return place.source.empty() ? std::string() : fmt::format("{}:{}: ", place.source, line);
}

std::string Tail(std::string_view detail, std::string_view hint) {
  std::string out;
  if (!detail.empty()) out += fmt::format("DETAIL:  {}\n", detail);
  if (!hint.empty()) out += fmt::format("HINT:  {}\n", hint);
  return out;
}

// The span in the redacted text; nullopt: it points into what was masked.
std::optional<SourceSpan> MapSpan(SourceSpan span, std::string_view original, std::string_view redacted) {
  const std::size_t shorter = std::min(original.size(), redacted.size());
  const auto front = static_cast<std::size_t>(
      std::mismatch(original.begin(), original.begin() + static_cast<std::ptrdiff_t>(shorter), redacted.begin()).first -
      original.begin());
  if (span.offset < front) {
    return SourceSpan{span.offset, std::min(span.length, static_cast<std::uint32_t>(front - span.offset))};
  }
  std::size_t back = 0;
  while (back < shorter - front && original[original.size() - 1 - back] == redacted[redacted.size() - 1 - back]) ++back;
  if (span.offset < original.size() - back) return std::nullopt;
  return SourceSpan{static_cast<std::uint32_t>(span.offset + redacted.size() - original.size()), span.length};
}

}  // namespace

std::string ErrorText(const Error& error, std::string_view statement, const Place& place) {
  const auto redacted = parser::Redact(statement);
  const bool changed = redacted.text != statement;
  const std::size_t line =
      error.span ? place.line + base::PositionOf(statement, error.span->offset).line - 1 : place.line;
  const auto shown = [&](const std::string& text) {
    return changed ? MaskRepeated(text, statement, redacted.text) : text;
  };

  std::string out = fmt::format("{}ERROR:  {}\n", Prefix(place, line), shown(error.message));
  const auto span = error.span && changed ? MapSpan(*error.span, statement, redacted.text) : error.span;
  if (span) out += base::RenderCaret(redacted.text, *span) + "\n";
  return out + Tail(shown(error.detail), shown(error.hint));
}

std::string ErrorText(const Error& error) {
  return fmt::format("ERROR:  {}\n", error.message) + Tail(error.detail, error.hint);
}

std::string NoticeText(const Notice& notice, const Place& place) {
  return fmt::format("{}{}:  {}\n", Prefix(place, place.line), notice.severity, notice.message) +
         Tail(notice.detail, notice.hint);
}

}  // namespace berth::shell
