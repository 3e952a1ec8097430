#include "shell/completion.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/strings.h"
#include "parser/complete.h"
#include "parser/scan.h"
#include "shell/meta_commands.h"

namespace berth::shell {
namespace {

using parser::Token;
using parser::TokenKind;

// What a statement begins with.
constexpr auto kVerbs = std::to_array<std::string_view>(
    {"ALTER",  "ANALYZE",  "BEGIN",  "COMMIT", "COPY", "CREATE",   "DELETE", "DROP",   "END",    "EXPLAIN", "GRANT",
     "INSERT", "ROLLBACK", "SELECT", "SET",    "SHOW", "TRUNCATE", "UNLOAD", "UPDATE", "VACUUM", "VALUES",  "WITH"});
// What stands within one.
constexpr auto kSqlWords = std::to_array<std::string_view>(
    {"ALL",    "AND",   "AS",    "ASC",    "BETWEEN", "BY",     "CASE",  "DESC", "DISTINCT",  "ELSE",  "END",
     "EXISTS", "FROM",  "GROUP", "HAVING", "IN",      "INNER",  "INTO",  "IS",   "JOIN",      "LEFT",  "LIKE",
     "LIMIT",  "NOT",   "NULL",  "ON",     "OR",      "ORDER",  "OUTER", "OVER", "PARTITION", "RIGHT", "SELECT",
     "SET",    "TABLE", "THEN",  "UNION",  "USING",   "VALUES", "VIEW",  "WHEN", "WHERE",     "WITH"});
// Behind these a verb may stand as well: EXPLAIN DELETE, GRANT INSERT, ALTER TABLE t DROP.
constexpr auto kBeforeVerb = std::to_array<std::string_view>({"explain", "grant", "revoke", "alter"});
// Behind these stands a relation.
constexpr auto kBeforeRelation = std::to_array<std::string_view>(
    {"from", "join", "into", "update", "table", "truncate", "analyze", "vacuum", "copy"});

template <class Words>
bool Holds(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), base::ToLower(word)) != words.end();
}

// The word under way and what stands before it.
struct Position {
  std::vector<Token> before;  // of this statement
  std::size_t begin = 0;      // of the word under way
  std::string_view word;
  std::vector<std::string> qualifiers;  // a.b.wor|: a, b
};

Position PositionIn(std::string_view text) {
  Position position{.begin = text.size()};
  parser::Scanner scanner(text, false);
  for (auto token = scanner.Next(); token.kind != TokenKind::kEnd; token = scanner.Next()) {
    if (token.IsSymbol(';')) {
      position.before.clear();
    } else {
      position.before.push_back(token);
    }
  }
  auto& before = position.before;
  const bool quoted =
      !before.empty() && before.back().kind == TokenKind::kQuotedIdentifier && !before.back().terminated;
  if (!before.empty() && before.back().end() == text.size() && (before.back().kind == TokenKind::kWord || quoted)) {
    position.begin = before.back().offset;
    position.word = before.back().text;
    before.pop_back();
  }
  std::size_t end = position.begin;
  while (before.size() >= 2 && before.back().IsSymbol('.') && before.back().end() == end &&
         before[before.size() - 2].IsName()) {
    before.pop_back();
    position.qualifiers.insert(position.qualifiers.begin(), before.back().Name());
    end = before.back().offset;
    before.pop_back();
  }
  return position;
}

class Finder {
 public:
  Finder(std::string_view text, const Names& names) : text_(text), names_(names), position_(PositionIn(text)) {}

  Completions Find() {
    const auto& before = position_.before;
    if (!before.empty() && !before.back().terminated) return {};  // within a string
    const bool ours = position_.qualifiers.empty() && AddOurs();
    if (!ours || !position_.qualifiers.empty()) AddServers();
    return {.begin = position_.begin, .words = {found_.begin(), found_.end()}};
  }

 private:
  // In the case that was begun with; upper where nothing was.
  void AddKeyword(std::string_view keyword) {
    const auto& word = position_.word;
    if (!base::ToLower(keyword).starts_with(base::ToLower(word))) return;
    const bool lower = !word.empty() && word == base::ToLower(word);
    found_.insert(lower ? base::ToLower(keyword) : std::string(keyword));
  }
  void AddName(const std::string& name) {
    const std::string quoted = base::QuoteIdentifier(name);
    const auto& word = position_.word;
    const bool fits = word.starts_with('"') ? ("\"" + name).starts_with(word) : name.starts_with(base::ToLower(word));
    if (fits) found_.insert(word.starts_with('"') && quoted == name ? "\"" + name + "\"" : quoted);
  }

  bool AddOurs() {
    const std::size_t begin = position_.before.empty() ? position_.begin : position_.before.front().offset;
    const auto next = parser::WhatMayFollow(text_.substr(begin, position_.begin - begin));
    if (next.empty()) return false;
    for (const auto& keyword : next.keywords) AddKeyword(keyword);
    if (next.option) {
      for (const auto& option : names_.options) AddKeyword(option);
    }
    if (next.connection) {
      for (const auto& name : names_.connections) AddName(name);
    }
    if (next.secret) {
      for (const auto& name : names_.secrets) AddName(name);
    }
    if (next.job) {
      for (const auto& name : names_.jobs) AddName(name);
    }
    // CREATE, DROP and the like begin statements of both.
    return position_.before.size() > 1 || (position_.before.size() == 1 && !AlsoServers(position_.before[0]));
  }

  static bool AlsoServers(const Token& first) {
    static constexpr auto kBoth =
        std::to_array<std::string_view>({"create", "alter", "drop", "show", "set", "explain", "grant", "use"});
    return Holds(kBoth, first.Name());
  }

  void AddServers() {
    if (!position_.qualifiers.empty()) {
      AddQualified();
      return;
    }
    const bool relation = !position_.before.empty() && position_.before.back().kind == TokenKind::kWord &&
                          Holds(kBeforeRelation, position_.before.back().text);
    if (relation) {
      for (const auto& entry : names_.relations) {
        if (entry.visible) AddName(entry.name);
        AddName(entry.schema);
      }
      return;
    }
    const bool begins = position_.before.empty();
    if (!begins && position_.before[0].IsWord("show")) return;  // Berth's own words alone
    if (begins || Holds(kBeforeVerb, position_.before[0].text)) {
      for (const auto keyword : kVerbs) AddKeyword(keyword);
    }
    if (begins) return;
    for (const auto keyword : kSqlWords) AddKeyword(keyword);
    for (const auto* entry : Mentioned()) {
      for (const auto& column : entry->columns) AddName(column);
    }
  }

  // schema.table, table.column, alias.column, connection.schema.table
  void AddQualified() {
    auto qualifiers = position_.qualifiers;
    for (const auto& table : names_.tables) {
      if (table.connection != qualifiers[0]) continue;
      if (qualifiers.size() == 1) AddName(table.schema);
      if (qualifiers.size() == 2 && table.schema == qualifiers[1]) AddName(table.name);
    }
    if (qualifiers.size() > 1 && qualifiers[0] == names_.in_use) qualifiers.erase(qualifiers.begin());
    const std::string& last = qualifiers.back();
    for (const auto& entry : names_.relations) {
      if (qualifiers.size() == 1 && entry.schema == last) AddName(entry.name);
      const bool this_one = qualifiers.size() == 1 ? entry.name == last && entry.visible
                                                   : entry.schema == qualifiers[0] && entry.name == qualifiers[1];
      if (!this_one) continue;
      for (const auto& column : entry.columns) AddName(column);
    }
    if (qualifiers.size() != 1) return;
    if (last == names_.in_use) {
      for (const auto& entry : names_.relations) AddName(entry.schema);
    }
    if (const auto* entry = Aliased(last); entry != nullptr) {
      for (const auto& column : entry->columns) AddName(column);
    }
  }

  // All tokens of the statement, those behind the cursor left out: text_ ends there.
  const Names::Relation* RelationAt(const std::vector<Token>& tokens, std::size_t& i) const {
    if (i >= tokens.size() || !tokens[i].IsName()) return nullptr;
    std::vector<std::string> parts{tokens[i].Name()};
    while (i + 2 < tokens.size() && tokens[i + 1].IsSymbol('.') && tokens[i + 2].IsName()) {
      i += 2;
      parts.push_back(tokens[i].Name());
    }
    for (const auto& entry : names_.relations) {
      if (entry.name != parts.back()) continue;
      if (parts.size() == 1 ? entry.visible : entry.schema == parts[parts.size() - 2]) return &entry;
    }
    return nullptr;
  }

  template <class Visit>
  void EachRelation(Visit visit) const {
    const auto& tokens = position_.before;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
      const bool comma_in_from = tokens[i].IsSymbol(',');
      if (!comma_in_from && (tokens[i].kind != TokenKind::kWord || !Holds(kBeforeRelation, tokens[i].text))) continue;
      std::size_t at = i + 1;
      const auto* entry = RelationAt(tokens, at);
      if (entry == nullptr) continue;
      if (at + 1 < tokens.size() && tokens[at + 1].IsWord("as")) ++at;
      const bool named = at + 1 < tokens.size() && tokens[at + 1].IsName();
      visit(*entry, named ? tokens[at + 1].Name() : std::string());
    }
  }

  std::vector<const Names::Relation*> Mentioned() const {
    std::vector<const Names::Relation*> mentioned;
    EachRelation([&](const Names::Relation& entry, const std::string&) { mentioned.push_back(&entry); });
    return mentioned;
  }

  const Names::Relation* Aliased(const std::string& alias) const {
    const Names::Relation* found = nullptr;
    EachRelation([&](const Names::Relation& entry, const std::string& as) {
      if (as == alias) found = &entry;
    });
    return found;
  }

  std::string_view text_;
  const Names& names_;
  Position position_;
  std::set<std::string> found_;
};

// \com| or \c wor|
Completions CompleteMeta(std::string_view line, const Names& names) {
  const auto blank = line.find_first_of(" \t");
  Completions completions;
  const auto add = [&](std::string_view word, std::string_view candidate) {
    if (candidate.starts_with(word)) completions.words.emplace_back(candidate);
  };
  if (blank == std::string_view::npos) {
    for (const auto name : MetaCommandNames()) add(line, name);
  } else {
    const auto command = line.substr(0, blank);
    completions.begin = line.find_last_of(" \t") + 1;
    const auto word = line.substr(completions.begin);
    static constexpr auto kOfConnection = std::to_array<std::string_view>(
        {"\\c", "\\connect", "\\deps", "\\slots", "\\sessions", "\\history", "\\connections"});
    if (Holds(kOfConnection, command)) {
      for (const auto& name : names.connections) add(word, base::QuoteIdentifier(name));
    } else if (command == "\\secrets") {
      for (const auto& name : names.secrets) add(word, base::QuoteIdentifier(name));
    } else if (command == "\\jobs") {
      for (const auto& name : names.jobs) add(word, base::QuoteIdentifier(name));
    } else if (command.starts_with("\\d") || command == "\\copy") {
      for (const auto& entry : names.relations) {
        if (entry.visible) add(word, base::QuoteIdentifier(entry.name));
        add(word, base::QuoteIdentifier(entry.schema) + "." + base::QuoteIdentifier(entry.name));
      }
    }
  }
  std::sort(completions.words.begin(), completions.words.end());
  const auto same = std::unique(completions.words.begin(), completions.words.end());
  completions.words.erase(same, completions.words.end());
  return completions;
}

}  // namespace

Completions Complete(std::string_view text, const Names& names) {
  const auto newline = text.rfind('\n');
  const std::size_t line_begin = newline == std::string_view::npos ? 0 : newline + 1;
  const auto line = text.substr(line_begin);
  if (line.starts_with('\\')) {
    auto completions = CompleteMeta(line, names);
    completions.begin += line_begin;
    return completions;
  }
  return Finder(text, names).Find();
}

std::string CommonPrefix(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  std::string prefix = words.front();
  for (const auto& word : words) {
    const std::size_t shorter = std::min(prefix.size(), word.size());
    std::size_t same = 0;
    while (same < shorter && prefix[same] == word[same]) ++same;
    prefix.resize(same);
  }
  while (!prefix.empty() && !base::IsValidUtf8(prefix)) prefix.pop_back();
  return prefix;
}

}  // namespace berth::shell
