#include "parser/syntax_error.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "parser/antlr_expected.h"
#include "parser/antlr_grammar.h"

namespace berth::parser {
namespace {

using P = BerthParser;

constexpr std::size_t kShownBytesMax = 64;  // of a word in a message

// Where the error is, and what is right there.
struct Place {
  const std::vector<Word>& words;
  std::size_t at;
  const Expected& expected;

  const Token& found() const { return words[at].token; }
  std::size_t type() const { return words[at].type; }
  const Word* Back(std::size_t n) const { return n <= at ? &words[at - n] : nullptr; }
};

struct Hint {
  std::string text;
  std::optional<SourceSpan> span;  // where the piece it speaks of is, if not at the word itself
};

std::size_t EndOf(const Token& token) {
  return token.offset + token.text.size();
}

bool Touches(const Token& left, const Token& right) {
  return EndOf(left) == right.offset;
}

SourceSpan SpanOver(const Token& first, const Token& last) {
  return {static_cast<std::uint32_t>(first.offset), static_cast<std::uint32_t>(EndOf(last) - first.offset)};
}

std::string_view TextOver(const Token& first, const Token& last) {
  return {first.text.begin(), last.text.end()};  // both are pieces of one text
}

std::string Quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

// Whether the word may be a piece of a password that was written without quotes: no string has come since PASSWORD.
bool MayBeSecret(const Place& place) {
  for (std::size_t n = 0; n <= place.at; ++n) {
    const Word& word = *place.Back(n);
    if (n > 0 && word.type == P::String) return false;
    const bool bare = word.token.kind == TokenKind::kWord;
    constexpr std::string_view kNames[] = {"PASSWORD", "PASSWD", "PWD", "SECRET", "TOKEN", "CREDENTIALS"};
    if (n > 0 && bare && base::DidYouMean(word.token.text, kNames)) return true;
  }
  return false;
}

std::string FoundText(const Place& place) {
  Token token = place.found();
  if (place.type() == P::Tail) {
    token = Scanner(token.text, false).Next();
  }
  switch (token.kind) {
    case TokenKind::kEnd:
      return "the end of the statement";
    case TokenKind::kString:
      return token.text[0] == '\'' ? "a string" : "a string with a prefix";
    case TokenKind::kDollarString:
      return "a text between dollar quotes";
    case TokenKind::kQuotedIdentifier:
      return token.text[0] == '"' ? "a name in double quotes" : "a name with a prefix";
    case TokenKind::kNumber:
      return MayBeSecret(place) ? "a number" : Quoted(token.text.substr(0, kShownBytesMax));
    case TokenKind::kParameter:
      return Quoted(token.text.substr(0, kShownBytesMax));
    case TokenKind::kSymbol:
      return token.text[0] >= ' ' && token.text[0] < 0x7F ? Quoted(token.text) : "a control character";
    case TokenKind::kWord:
      if (MayBeSecret(place) || token.text.size() > kShownBytesMax) return "a word";
      return Quoted(token.text);
  }
  return {};
}

// <host_name>, typed as the manual prints it.
std::optional<Hint> Placeholder(const Place& place) {
  if (!place.found().IsSymbol('<')) return std::nullopt;
  constexpr std::size_t kWordsOfPlaceholder = 8;
  for (std::size_t i = place.at + 1; i < place.words.size() && i <= place.at + kWordsOfPlaceholder; ++i) {
    const Token& token = place.words[i].token;
    if (token.kind != TokenKind::kWord && !token.IsSymbol('>') && !token.IsSymbol('-')) return std::nullopt;
    if (!token.IsSymbol('>')) continue;
    return Hint{"Replace the placeholder " + std::string(TextOver(place.found(), token)) +
                    ", angle brackets included, by a value of your own.",
                SpanOver(place.found(), token)};
  }
  return std::nullopt;
}

// redshift-cluster-1, prod.eu: words, numbers and symbols that touch.
std::optional<Hint> NeedsQuotes(const Place& place) {
  const bool at_dot = place.type() == P::Dot;
  const auto piece = [&](std::size_t i) {
    const auto type = place.words[i].type;
    const auto kind = place.words[i].token.kind;
    return kind == TokenKind::kWord || kind == TokenKind::kNumber || type == P::Minus || type == P::Other ||
           (at_dot && type == P::Dot);
  };
  if (!piece(place.at)) return std::nullopt;
  std::size_t first = place.at;
  while (first > 0 && piece(first - 1) && Touches(place.words[first - 1].token, place.words[first].token)) --first;
  std::size_t last = place.at;
  while (last + 1 < place.words.size() && piece(last + 1) &&
         Touches(place.words[last].token, place.words[last + 1].token)) {
    ++last;
  }
  if (first == last && place.found().kind != TokenKind::kNumber) return std::nullopt;
  const auto text = TextOver(place.words[first].token, place.words[last].token);
  const SourceSpan span = SpanOver(place.words[first].token, place.words[last].token);
  if (first > 0 && place.words[first - 1].type == P::Equals) return Hint{"Write the value in single quotes.", span};
  const bool name_here = first < place.at || std::any_of(
                                                 place.expected.terms.begin(), place.expected.terms.end(),
                                                 [](const auto& term) { return term.ends_with(" name"); });
  if (at_dot && std::count(text.begin(), text.end(), '.') != 1) return std::nullopt;  // c.s.t.u
  const bool plain = text.find_first_of("'\"$<>") == std::string_view::npos && text.size() <= kShownBytesMax;
  if (!name_here || !plain || MayBeSecret(place)) return std::nullopt;
  return Hint{"Quote the name: " + Quoted(text) + ".", span};
}

std::optional<Hint> DidYouMean(std::string_view typed, std::span<const std::string_view> known) {
  const auto meant = base::DidYouMean(typed, known);
  if (!meant || base::EqualsIgnoreCase(typed, *meant)) return std::nullopt;
  return Hint{"Did you mean " + std::string(*meant) + "?", std::nullopt};
}

// CONECTION, where a keyword is expected.
std::optional<Hint> MisspeltKeyword(const Place& place) {
  if (place.found().kind != TokenKind::kWord) return std::nullopt;
  return DidYouMean(place.found().text, place.expected.keywords);
}

// = EVN 'V', = SECRT s, = 30 SECNDS: taken for a name, so that the word after it is the one that does not fit.
std::optional<Hint> MisspeltValue(const Place& place) {
  constexpr std::string_view kForms[] = {"SECRET", "ENV", "FILE", "COMMAND", "PROMPT", "TRUE", "FALSE"};
  constexpr std::string_view kUnits[] = {"MILLISECONDS", "SECONDS", "MINUTES", "HOURS", "DAYS"};
  for (std::size_t n = 1; n <= 2; ++n) {
    const Word* word = place.Back(n);
    const Word* before = place.Back(n + 1);
    if (word == nullptr || before == nullptr || word->token.kind != TokenKind::kWord) continue;
    std::optional<Hint> hint;
    if (before->type == P::Equals) hint = DidYouMean(word->token.text, kForms);
    if (before->type == P::Number) hint = DidYouMean(word->token.text, kUnits);
    if (hint) return hint;
  }
  return std::nullopt;
}

// 'it's nice': a string that a word touches.
std::optional<Hint> QuoteInside(const Place& place) {
  for (std::size_t n = 0; n <= 1; ++n) {
    const Word* word = place.Back(n);
    const Word* before = place.Back(n + 1);
    if (word == nullptr || before == nullptr || before->type != P::String) continue;
    if (word->token.kind == TokenKind::kWord && Touches(before->token, word->token)) {
      return Hint{"A single quote inside a string is written twice: 'it''s'.", std::nullopt};
    }
  }
  return std::nullopt;
}

// A string where a name stands, a name where a string stands, and the like.
std::optional<Hint> WrongQuotes(const Place& place) {
  const auto hint = [](std::string_view text) { return Hint{std::string(text), std::nullopt}; };
  const auto& expected = place.expected;
  const bool string_fits = expected.string || expected.value;
  if (place.type() == P::QuotedName && expected.option) return hint("Names of options stand without quotes.");
  if (place.type() == P::QuotedName && string_fits) {
    return hint("Write the string in single quotes; double quotes are for names.");
  }
  if (place.type() == P::DollarText && string_fits) return hint("Write the string in single quotes.");
  if (place.type() == P::String && expected.name) return hint("A name stands bare or in double quotes.");
  if (place.type() == P::Other && place.found().kind == TokenKind::kString && string_fits) {
    return hint("Write a plain string in single quotes, without a prefix; a backslash in it stands for itself.");
  }
  return std::nullopt;
}

std::optional<Hint> Plain(const Place& place) {
  const auto hint = [](std::string_view text) { return Hint{std::string(text), std::nullopt}; };
  const Word* before = place.Back(1);
  if (before != nullptr && before->type == P::Semicolon) return hint("Give one statement at a time.");
  const auto& keywords = place.expected.keywords;
  const bool group = std::find(keywords.begin(), keywords.end(), "GROUP") != keywords.end();
  if (group && before != nullptr && before->type == P::CONNECTION) {
    return hint("A connection is made and altered with its type: REDSHIFT CONNECTION.");
  }
  if (place.expected.Only("\"=\"")) return hint("An option is written NAME = value.");
  if (place.expected.table_dot) return hint("Here a table is named connection.schema.table.");
  return std::nullopt;
}

std::optional<Hint> HintFor(const Place& place) {
  constexpr std::optional<Hint> (*kHints[])(const Place&) = {Placeholder, MisspeltKeyword, MisspeltValue, QuoteInside,
                                                             NeedsQuotes, WrongQuotes,     Plain};
  for (const auto find : kHints) {
    if (auto hint = find(place)) return hint;
  }
  return std::nullopt;
}

}  // namespace

Error SyntaxErrorAt(const std::vector<Word>& words, std::size_t at) {
  const Expected expected = ExpectedAt(words, at);
  const Place place{words, at, expected};
  Error error;
  error.code = ErrorCode::kSyntax;
  error.message = "syntax error at " + FoundText(place);
  if (const auto text = expected.Text(); !text.empty()) error.message += ": expected " + text;
  error.span = SpanOf(place.found());
  if (place.type() == P::Tail) error.span->length = 1;
  // The end is where the last word ends, not behind the comments and empty lines that follow it.
  if (const Word* before = place.Back(1); place.type() == antlr4::Token::EOF && before != nullptr) {
    error.span = SourceSpan{static_cast<std::uint32_t>(EndOf(before->token)), 1};
  }
  if (const auto hint = HintFor(place)) {
    error.hint = hint->text;
    if (hint->span) error.span = hint->span;
  }
  return error;
}

}  // namespace berth::parser
