#include "shell/error_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "base/caret.h"
#include "parser/redact.h"
#include "shell/colour.h"
#include "shell/json_text.h"
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

// An object of one line; empty members are left out.
class JsonLine {
 public:
  void Add(std::string_view name, std::string_view value) {
    if (!value.empty()) Raw(name, JsonQuoted(value));
  }
  void Raw(std::string_view name, std::string_view value) {
    text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "{" : ",", name, value);
  }
  std::string Text() const { return text_ + "}\n"; }

 private:
  std::string text_;
};

std::string Finished(std::string text, const Messages& messages) {
  if (messages.colour) return Coloured(text);
  return text;
}

std::string ErrorJson(const Error& error, std::string_view statement, const Place& place) {
  JsonLine line;
  line.Add("severity", "ERROR");
  line.Add("sqlstate", error.Sqlstate());
  line.Add("code", FactsOf(error.code).name);
  line.Add("message", error.message);
  line.Add("detail", error.detail);
  line.Add("hint", error.hint);
  line.Add("source", place.source);
  const auto at = error.span ? base::PositionOf(statement, error.span->offset) : base::PositionOf("", 0);
  if (!place.source.empty() || error.span) line.Raw("line", std::to_string(place.line + at.line - 1));
  if (error.span) line.Raw("column", std::to_string(at.column));
  if (error.in_doubt) line.Raw("in_doubt", "true");
  return line.Text();
}

// "42703: " before the message, or instead of it.
std::string Head(const Error& error, const std::string& message, Verbosity verbosity) {
  switch (verbosity) {
    case Verbosity::kVerbose:
      return fmt::format("{}: {}", error.Sqlstate(), message);
    case Verbosity::kSqlstate:
      return std::string(error.Sqlstate());
    case Verbosity::kDefault:
    case Verbosity::kTerse:
      break;
  }
  return message;
}

}  // namespace

std::string ErrorText(const Error& error, std::string_view statement, const Place& place, const Messages& messages) {
  const auto redacted = parser::Redact(statement);
  const bool changed = redacted.text != statement;
  const auto shown = [&](const std::string& text) {
    return changed ? MaskRepeated(text, statement, redacted.masked) : text;
  };
  if (messages.form == MessageForm::kJson) {
    Error masked = error;
    masked.message = shown(error.message);
    masked.detail = shown(error.detail);
    masked.hint = shown(error.hint);
    return ErrorJson(masked, statement, place);
  }
  const std::size_t line =
      error.span ? place.line + base::PositionOf(statement, error.span->offset).line - 1 : place.line;
  const auto verbosity = messages.verbosity;
  std::string out = fmt::format("{}ERROR:  {}\n", Prefix(place, line), Head(error, shown(error.message), verbosity));
  if (verbosity == Verbosity::kTerse || verbosity == Verbosity::kSqlstate) return Finished(std::move(out), messages);
  const auto span = error.span && changed ? MapSpan(*error.span, statement, redacted.text) : error.span;
  if (span) out += base::RenderCaret(redacted.text, *span) + "\n";
  return Finished(out + Tail(shown(error.detail), shown(error.hint)), messages);
}

std::string ErrorText(const Error& error, const Messages& messages) {
  return ErrorText(error, "", {}, messages);
}

std::string NoticeText(const Notice& notice, const Place& place, const Messages& messages) {
  if (messages.form == MessageForm::kJson) {
    JsonLine line;
    line.Add("severity", notice.severity);
    line.Add("sqlstate", notice.sqlstate);
    line.Add("message", notice.message);
    line.Add("detail", notice.detail);
    line.Add("hint", notice.hint);
    line.Add("source", place.source);
    if (!place.source.empty()) line.Raw("line", std::to_string(place.line));
    return line.Text();
  }
  return Finished(fmt::format("{}{}:  {}\n", Prefix(place, place.line), notice.severity, notice.message) +
                      Tail(notice.detail, notice.hint),
                  messages);
}

}  // namespace berth::shell
