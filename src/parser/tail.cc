#include "parser/tail.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/caret.h"
#include "parser/characters.h"
#include "parser/scan.h"

namespace berth::parser {
namespace {

struct Look {
  std::size_t end = 0;                // after the last token of the first statement
  std::optional<std::size_t> open;    // a quote that is not closed
  std::optional<std::size_t> second;  // a token behind the semicolon
  bool clean() const { return !open && !second; }
};

Look LookAt(std::string_view text, std::size_t from, bool backslash_escapes) {
  Look look{.end = from};
  Scanner scanner(text.substr(from), backslash_escapes);
  long depth = 0;  // of parentheses, in which semicolons do not count (CREATE RULE)
  bool ended = false;
  for (Token token = scanner.Next(); token.kind != TokenKind::kEnd; token = scanner.Next()) {
    const std::size_t offset = from + token.offset;
    if (!token.terminated) {
      look.open = offset;
      return look;
    }
    if (token.IsSymbol(';') && depth <= 0) {
      ended = true;
      continue;
    }
    if (ended) {
      look.second = offset;
      return look;
    }
    if (token.IsSymbol('(')) ++depth;
    if (token.IsSymbol(')')) --depth;
    look.end = offset + token.text.size();
  }
  return look;
}

std::string_view WhatIsOpen(std::string_view piece) {
  if (piece.starts_with("/*")) return "a comment";
  if (piece.starts_with('$')) return "a text between dollar quotes";
  const std::size_t quote = piece.find_first_of("'\"");
  return quote != std::string_view::npos && piece[quote] == '"' ? "a name in double quotes" : "a string";
}

}  // namespace

Result<std::size_t> TailEnd(std::string_view text, std::size_t from) {
  const Look standard = LookAt(text, from, false);
  const Look escaped = LookAt(text, from, true);
  if (standard.clean() && escaped.clean()) return std::max(standard.end, escaped.end);
  if (standard.clean()) return standard.end;
  if (escaped.clean()) return escaped.end;
  if (standard.open) return NotClosed(text, *standard.open);
  Error error;
  error.code = ErrorCode::kSyntax;
  error.message = "syntax error: a second statement begins here";
  error.hint = "Give one statement at a time; the statements of a job stand between $$ and $$.";
  error.span = SourceSpan{static_cast<std::uint32_t>(*standard.second), 1};
  return error;
}

std::size_t OpenComment(std::string_view text, std::size_t from) {
  std::size_t at = from;
  while (at < text.size()) {
    const auto pair = text.substr(at, 2);
    if (pair == "--") {
      while (at < text.size() && !IsNewlineByte(text[at])) ++at;
    } else if (pair == "/*") {
      const std::size_t start = at;
      std::size_t depth = 0;
      do {
        if (at >= text.size()) return start;
        const auto inner = text.substr(at, 2);
        if (inner == "/*") ++depth;
        if (inner == "*/") --depth;
        at += inner == "/*" || inner == "*/" ? 2 : 1;
      } while (depth > 0);
    } else {
      ++at;
    }
  }
  return std::string_view::npos;
}

Error NotClosed(std::string_view text, std::size_t offset) {
  const auto what = WhatIsOpen(text.substr(offset, 3));
  Error error;
  error.code = ErrorCode::kSyntax;
  error.message = "syntax error: " + std::string(what) + " that starts on line " +
                  std::to_string(base::PositionOf(text, static_cast<std::uint32_t>(offset)).line) + " is not closed";
  if (what == "a comment") {
    error.hint = "Close it with */; comments nest.";
  } else if (what == "a text between dollar quotes") {
    error.hint = "Close it with the same dollar quote that opens it.";
  } else if (what == "a string") {
    error.hint = "Close it with a single quote; a single quote inside is written twice.";
  } else {
    error.hint = "Close it with a double quote; a double quote inside is written twice.";
  }
  error.span = SourceSpan{static_cast<std::uint32_t>(offset), 1};
  return error;
}

}  // namespace berth::parser
