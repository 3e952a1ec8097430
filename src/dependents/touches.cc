#include "dependents/touches.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "dependents/quoted_text.h"
#include "parser/scan.h"

namespace berth::dependents {
namespace {

using parser::Token;
using parser::TokenKind;

std::vector<Token> TokensOf(std::string_view text, bool backslash_escapes) {
  parser::Scanner scanner(text, backslash_escapes);
  std::vector<Token> tokens;
  do {
    tokens.push_back(scanner.Next());
  } while (tokens.back().kind != TokenKind::kEnd);
  return tokens;
}

SourceSpan SpanOf(std::size_t begin, std::size_t end) {
  return {.offset = static_cast<std::uint32_t>(begin), .length = static_cast<std::uint32_t>(end - begin)};
}

bool IsOneOf(const Token& token, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return token.IsWord(word); });
}

// How the words before a name use it.
enum class Use : std::uint8_t {
  kSource,
  kDefinition,  // CREATE, ALTER, DROP TABLE: a target, if it has three parts
  kTarget,
};

class Finder {
 public:
  Finder(std::vector<Token> tokens, const std::function<bool(std::string_view)>& is_connection, bool backslash_escapes)
      : tokens_(std::move(tokens)), is_connection_(is_connection), backslash_escapes_(backslash_escapes) {}

  Result<std::vector<Touch>> Find() {
    for (std::size_t i = 0; tokens_[i].kind != TokenKind::kEnd;) {
      if (IsUnloadQuery(i)) {
        BERTH_TRY(FindInQuery(tokens_[i++]));
      } else if (!tokens_[i].IsName()) {
        ++i;
      } else if (IsRedshiftKeyword(i)) {
        BERTH_ASSIGN(i, TakeRedshiftTarget(i));
      } else {
        i = TakeName(i);
      }
    }
    GiveColumnsTheirTablesRole();
    return std::move(touches_);
  }

 private:
  // Before the first token stands kEnd, which is nothing.
  const Token& Before(std::size_t i, std::size_t steps = 1) const {
    return i < steps ? tokens_.back() : tokens_[i - steps];
  }
  const Token& At(std::size_t i) const { return i < tokens_.size() ? tokens_[i] : tokens_.back(); }

  // The dotted name at i: how many parts it has; part p is token i + 2p.
  std::size_t PartsAt(std::size_t i) const {
    if (!At(i).IsName()) return 0;
    std::size_t parts = 1;
    while (At(i + 2 * parts - 1).IsSymbol('.') && At(i + 2 * parts).IsName()) ++parts;
    return parts;
  }

  bool IsUnloadQuery(std::size_t i) const {
    if (quoted_) return false;  // no query is quoted twice
    const auto kind = tokens_[i].kind;
    return (kind == TokenKind::kString || kind == TokenKind::kDollarString) && Before(i).IsSymbol('(') &&
           Before(i, 2).IsWord("UNLOAD");
  }

  // INSERT INTO REDSHIFT c.s.t, not INSERT INTO redshift.t and not INSERT INTO redshift SELECT ..
  bool IsRedshiftKeyword(std::size_t i) const {
    return !quoted_ && tokens_[i].IsWord("REDSHIFT") && Before(i).IsWord("INTO") && At(i + 1).IsName() &&
           !IsOneOf(At(i + 1), {"SELECT", "VALUES", "DEFAULT", "WITH", "AS", "OVERRIDING", "TABLE", "USING", "FROM"});
  }

  Result<std::size_t> TakeRedshiftTarget(std::size_t i) {
    const std::size_t name = i + 1;
    const std::size_t parts = PartsAt(name);
    const std::size_t after = name + 2 * parts - 1;
    const auto span = SpanOf(tokens_[name].offset, tokens_[after - 1].end());
    if (parts != 3 || At(after).IsSymbol('.')) {
      return Error{.code = ErrorCode::kSyntax,
                   .message = fmt::format("INTO REDSHIFT takes a name of three parts, not of {}", parts),
                   .hint = "Write INTO REDSHIFT connection.schema.table.",
                   .span = span};
    }
    const auto connection = tokens_[name].Name();
    if (!is_connection_(connection)) {
      return Error{.code = ErrorCode::kNotFound,
                   .message = fmt::format("connection {} does not exist", base::QuoteIdentifier(connection)),
                   .hint = "SHOW CONNECTIONS lists those that do.",
                   .span = SpanOf(tokens_[name].offset, tokens_[name].end())};
    }
    touches_.push_back({.connection = connection,
                        .schema = tokens_[name + 2].Name(),
                        .table = tokens_[name + 4].Name(),
                        .role = Role::kTarget,
                        .name = span,
                        .prefix = SpanOf(tokens_[i].offset, tokens_[name + 1].end())});
    return after;
  }

  Use UseOf(std::size_t i, std::size_t after) const {
    std::size_t last = 1;
    if (Before(i, last).IsWord("ONLY")) ++last;
    const auto& word = Before(i, last);
    const auto& earlier = Before(i, last + 1);
    if (IsOneOf(word, {"INTO", "UPDATE", "DELETE", "TRUNCATE"})) return Use::kTarget;
    if (word.IsWord("FROM") && earlier.IsWord("DELETE")) return Use::kTarget;
    if (word.IsWord("TABLE")) return earlier.IsWord("TRUNCATE") ? Use::kTarget : Use::kDefinition;
    if (word.IsWord("EXISTS")) return Use::kDefinition;
    if (word.IsWord("COPY")) return IsCopyTo(after) ? Use::kSource : Use::kTarget;
    return Use::kSource;
  }

  // PostgreSQL's COPY t (columns) TO .. reads the table.
  bool IsCopyTo(std::size_t i) const {
    if (At(i).IsSymbol('(')) {
      while (At(i).kind != TokenKind::kEnd && !At(i).IsSymbol(')')) ++i;
      ++i;
    }
    return At(i).IsWord("TO");
  }

  // Past the dotted name at i.
  std::size_t TakeName(std::size_t i) {
    const std::size_t parts = PartsAt(i);
    const std::size_t after = i + 2 * parts - 1;
    if (Before(i).IsSymbol('.')) return after;  // a field: (row).a.b.c
    const auto span = SpanOf(tokens_[i].offset, tokens_[after - 1].end());
    const auto use = UseOf(i, after);
    const auto first = tokens_[i].Name();
    if (parts >= 3 && is_connection_(first)) {
      if (parts > 3 || At(after).IsSymbol('.')) columns_.push_back(touches_.size());
      touches_.push_back({.connection = first,
                          .schema = tokens_[i + 2].Name(),
                          .table = tokens_[i + 4].Name(),
                          .role = use == Use::kSource ? Role::kSource : Role::kTarget,
                          .name = span,
                          .prefix = SpanOf(tokens_[i].offset, tokens_[i + 1].end())});
    } else if (parts == 2 && use == Use::kTarget) {
      touches_.push_back({.schema = first, .table = tokens_[i + 2].Name(), .role = Role::kTarget, .name = span});
    }
    return after;
  }

  Status FindInQuery(const Token& query) {
    const auto unquoted = Unquoted(query, backslash_escapes_);
    Finder inner(TokensOf(unquoted.text, backslash_escapes_), is_connection_, backslash_escapes_);
    inner.quoted_ = true;
    auto found = inner.Find();
    if (!found.ok()) return std::move(found).TakeError();
    const auto outside = [&](SourceSpan span) {
      if (span.length == 0) return SourceSpan{};
      return SpanOf(unquoted.at[span.offset], unquoted.at[span.offset + span.length - 1] + 1);
    };
    for (auto& touch : found.value()) {
      if (touch.connection.empty()) continue;
      touch.role = Role::kSource;
      touch.name = outside(touch.name);
      touch.prefix = outside(touch.prefix);
      touches_.push_back(std::move(touch));
    }
    return {};
  }

  void GiveColumnsTheirTablesRole() {
    if (columns_.empty()) return;
    using Key = std::tuple<std::string_view, std::string_view, std::string_view>;
    const auto key = [](const Touch& touch) { return Key(touch.connection, touch.schema, touch.table); };
    std::map<Key, Role> roles;
    for (std::size_t i = 0; i < touches_.size(); ++i) {
      const bool column = std::binary_search(columns_.begin(), columns_.end(), i);
      if (!column) roles.try_emplace(key(touches_[i]), touches_[i].role);
    }
    for (const std::size_t column : columns_) {
      const auto table = roles.find(key(touches_[column]));
      if (table != roles.end()) touches_[column].role = table->second;
    }
  }

  std::vector<Token> tokens_;
  const std::function<bool(std::string_view)>& is_connection_;
  bool backslash_escapes_;
  bool quoted_ = false;  // the text is the query of an UNLOAD
  std::vector<Touch> touches_;
  std::vector<std::size_t> columns_;  // touches that are columns; ascending
};

}  // namespace

Result<std::vector<Touch>> FindTouches(std::string_view body,
                                       const std::function<bool(std::string_view)>& is_connection,
                                       bool backslash_escapes) {
  return Finder(TokensOf(body, backslash_escapes), is_connection, backslash_escapes).Find();
}

std::string WithoutPrefixes(std::string_view body, const std::vector<Touch>& touches) {
  std::vector<SourceSpan> cuts;
  for (const auto& touch : touches) {
    if (touch.prefix.length > 0) cuts.push_back(touch.prefix);
  }
  std::sort(cuts.begin(), cuts.end(), [](const auto& a, const auto& b) { return a.offset < b.offset; });
  std::string out;
  std::size_t at = 0;
  for (const auto& cut : cuts) {
    if (cut.offset < at) continue;  // the same one twice
    out += body.substr(at, cut.offset - at);
    at = cut.offset + std::size_t{cut.length};
  }
  return out += body.substr(at);
}

std::string WithBlankPrefixes(std::string_view body, const std::vector<Touch>& touches) {
  std::string out(body);
  for (const auto& touch : touches) std::fill_n(out.begin() + touch.prefix.offset, touch.prefix.length, ' ');
  return out;
}

}  // namespace berth::dependents
