#include "dependents/token_read.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dependents/quoted_text.h"
#include "parser/scan.h"

namespace berth::dependents {
namespace {

using parser::Token;
using parser::TokenKind;

bool IsOneOf(const Token& token, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return token.IsWord(word); });
}

class Reader {
 public:
  Reader(std::string_view statement, bool backslash_escapes,
         const std::function<StatementTables(std::string_view)>& read_query)
      : read_query_(read_query), backslash_escapes_(backslash_escapes) {
    parser::Scanner scanner(statement, backslash_escapes);
    do {
      tokens_.push_back(scanner.Next());
    } while (tokens_.back().kind != TokenKind::kEnd);
  }

  StatementTables Read() {
    if (HasNoTables()) return {};
    while (At(at_).kind != TokenKind::kEnd) Step();
    return std::move(tables_);
  }

 private:
  // One a parenthesis.
  struct Level {
    std::optional<Use> list;   // a comma leads to another table of this use
    bool function = false;     // EXTRACT(day FROM x): its FROM is no clause
    std::string common_table;  // it is the query of this CTE, known once it ends
  };

  const Token& At(std::size_t i) const { return i < tokens_.size() ? tokens_[i] : tokens_.back(); }
  // Before the first token stands kEnd, which is nothing.
  const Token& Before(std::size_t i, std::size_t steps = 1) const {
    return i < steps ? tokens_.back() : tokens_[i - steps];
  }

  // Rights, listings, and schemas of other systems, whose FROM is another.
  bool HasNoTables() const {
    return IsOneOf(At(0), {"GRANT", "REVOKE", "SHOW", "USE"}) ||
           (At(0).IsWord("CREATE") && IsOneOf(At(1), {"EXTERNAL", "DATABASE", "USER", "ROLE"}) &&
            !At(2).IsWord("TABLE"));
  }

  void Step() {
    const Token& token = At(at_);
    if (token.IsSymbol('(')) return Open();
    if (token.IsSymbol(')')) return Close();
    const bool after_common_table = std::exchange(after_common_table_, false);
    if (token.IsSymbol(',')) {
      expected_ = levels_.back().list;
      if (after_common_table) TakeCommonTable(at_ + 1);
    } else if (expected_ && TakeTable()) {
      return;
    } else if (token.kind == TokenKind::kWord) {
      Word(token);
    } else {
      expected_.reset();
    }
    ++at_;
  }

  void Open() {
    const Token& word = Before(at_);
    if (word.IsWord("UNLOAD")) ReadQuoted(At(at_ + 1));
    Level level;
    level.function = IsOneOf(word, {"EXTRACT", "TRIM", "SUBSTRING", "OVERLAY", "POSITION"});
    if (word.IsWord("AS")) level.common_table = std::exchange(common_table_, {});
    // FROM (a JOIN b ..): tables are inside; a SELECT there ends it.
    if (expected_ == Use::kReads && !word.IsWord("USING")) {
      level.list = Use::kReads;
    } else {
      expected_.reset();
    }
    levels_.push_back(std::move(level));
    ++at_;
  }

  void Close() {
    expected_.reset();
    after_common_table_ = !levels_.back().common_table.empty();
    if (after_common_table_) names_.push_back(levels_.back().common_table);
    if (levels_.size() > 1) levels_.pop_back();
    ++at_;
  }

  void ReadQuoted(const Token& query) {
    if (query.kind != TokenKind::kString && query.kind != TokenKind::kDollarString) return;
    const auto unquoted = Unquoted(query, backslash_escapes_);
    for (auto& mention : read_query_(unquoted.text).mentions) {
      mention.use = Use::kReads;
      if (mention.name.length > 0) {
        const std::size_t begin = unquoted.at[mention.name.offset];
        const std::size_t end = unquoted.at[mention.name.offset + mention.name.length - 1] + 1;
        mention.name = {.offset = static_cast<std::uint32_t>(begin), .length = static_cast<std::uint32_t>(end - begin)};
      }
      tables_.mentions.push_back(std::move(mention));
    }
  }

  void Expect(Use use, bool list) {
    expected_ = use;
    levels_.back().list = list ? std::optional<Use>(use) : std::nullopt;
  }

  void Word(const Token& word) {
    expected_.reset();
    const Token& before = Before(at_);
    if (word.IsWord("FROM")) {
      if (before.IsWord("DELETE")) return Expect(Use::kWrites, false);
      if (!levels_.back().function && !before.IsWord("DISTINCT")) Expect(Use::kReads, true);
    } else if (word.IsWord("JOIN")) {
      expected_ = Use::kReads;
    } else if (word.IsWord("USING")) {
      Expect(Use::kReads, At(0).IsWord("DELETE"));
    } else if (word.IsWord("INTO")) {
      Expect(IsOneOf(before, {"INSERT", "MERGE"}) ? Use::kWrites : Use::kMakes, false);
    } else if (word.IsWord("UPDATE")) {
      if (!IsOneOf(before, {"FOR", "DO", "THEN"})) Expect(Use::kWrites, false);
    } else if (word.IsWord("COPY") || word.IsWord("TRUNCATE") || word.IsWord("VACUUM") || word.IsWord("ANALYZE") ||
               (word.IsWord("DELETE") && at_ == 0)) {
      if (at_ == 0) Expect(Use::kWrites, true);
    } else if (word.IsWord("TABLE") || word.IsWord("VIEW")) {
      Expect(At(0).IsWord("CREATE") ? Use::kMakes : Use::kWrites, At(0).IsWord("DROP") || At(0).IsWord("TRUNCATE"));
    } else if (word.IsWord("WITH") || word.IsWord("RECURSIVE")) {
      TakeCommonTable(at_ + 1);
    } else if (IsOneOf(word, {"SELECT", "VALUES", "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "UNION", "INTERSECT",
                              "EXCEPT", "MINUS", "QUALIFY", "WINDOW", "SET", "WHEN"})) {
      levels_.back().list.reset();
    }
  }

  // WITH x AS ( or WITH x (a, b) AS (, and the same after the comma behind such a query.
  void TakeCommonTable(std::size_t i) {
    if (!At(i).IsName() || At(i).IsWord("RECURSIVE")) return;
    std::size_t after = i + 1;
    if (At(after).IsSymbol('(')) {
      while (At(after).kind != TokenKind::kEnd && !At(after).IsSymbol(')')) ++after;
      ++after;
    }
    if (!At(after).IsWord("AS")) return;
    if (Before(i).IsWord("RECURSIVE")) recursive_ = true;
    common_table_ = At(i).Name();
    if (recursive_) names_.push_back(common_table_);
    at_ = after;
  }

  // True: the tokens at at_ belong to the expected table, or are words before it, and are used up.
  bool TakeTable() {
    if (IsOneOf(At(at_), {"ONLY", "LATERAL", "IF", "NOT", "EXISTS", "FULL", "SORT", "REINDEX", "RECLUSTER", "VERBOSE",
                          "COMPRESSION"}) ||
        (At(at_).IsWord("DELETE") && At(0).IsWord("VACUUM"))) {
      ++at_;
      return true;
    }
    if (IsOneOf(At(at_), {"TEMP", "TEMPORARY", "LOCAL"}) && expected_ == Use::kMakes) {
      temporary_ = true;
      ++at_;
      return true;
    }
    const bool hash = At(at_).IsSymbol('#');  // Redshift's #name is a temporary table
    const std::size_t name = hash ? at_ + 1 : at_;
    if (!At(name).IsName() || IsOneOf(At(name), {"SELECT", "WITH", "VALUES", "TABLE", "SET", "DELETE", "FROM"}))
      return false;
    std::size_t after = name + 1;
    while (At(after).IsSymbol('.') && At(after + 1).IsName()) after += 2;
    Add(name, after, hash);
    const bool aliased = At(after).IsWord("AS") || (At(after).kind == TokenKind::kWord && At(after + 1).IsSymbol(','));
    const std::size_t alias = At(after).IsWord("AS") ? after + 1 : after;
    if (aliased && At(alias).IsName()) aliases_.push_back(At(alias).Name());
    expected_.reset();
    at_ = after;
    return true;
  }

  void Add(std::size_t name, std::size_t after, bool hash) {
    const std::size_t parts = (after - name + 1) / 2;
    Use use = *expected_;
    if (use == Use::kReads && At(after).IsSymbol('(')) return;  // a function
    if (parts > 3 || (hash && use == Use::kReads)) return;      // no table; a temporary one
    Mention mention{.table = At(after - 1).Name(), .found = Found::kScanned};
    if (parts >= 2) mention.schema = At(after - 3).Name();
    if (parts == 3) mention.database = At(name).Name();
    if (use == Use::kReads && mention.schema.empty() && Knows(names_, mention.table)) return;
    if (use == Use::kReads && Knows(aliases_, parts == 3 ? mention.database : mention.schema))
      return;  // FROM orders o, o.items i
    if (hash || (use == Use::kMakes && (temporary_ || IsTemporary()))) use = Use::kMakesTemporary;
    mention.use = use;
    mention.name = {.offset = static_cast<std::uint32_t>(At(name).offset),
                    .length = static_cast<std::uint32_t>(At(after - 1).end() - At(name).offset)};
    tables_.mentions.push_back(std::move(mention));
  }

  static bool Knows(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  // CREATE [LOCAL] TEMP TABLE
  bool IsTemporary() const {
    return At(0).IsWord("CREATE") &&
           (IsOneOf(At(1), {"TEMP", "TEMPORARY"}) || (At(1).IsWord("LOCAL") && IsOneOf(At(2), {"TEMP", "TEMPORARY"})));
  }

  std::vector<Token> tokens_;
  const std::function<StatementTables(std::string_view)>& read_query_;
  bool backslash_escapes_;
  std::size_t at_ = 0;
  std::vector<Level> levels_ = std::vector<Level>(1);
  std::optional<Use> expected_;  // a table's name comes next
  std::string common_table_;     // the CTE whose query comes next
  bool after_common_table_ = false;
  bool recursive_ = false;
  bool temporary_ = false;
  StatementTables tables_;
  std::vector<std::string> names_;    // of the CTEs so far
  std::vector<std::string> aliases_;  // of the tables so far
};

}  // namespace

StatementTables ReadByTokens(std::string_view statement, bool backslash_escapes,
                             const std::function<StatementTables(std::string_view)>& read_query) {
  return Reader(statement, backslash_escapes, read_query).Read();
}

}  // namespace berth::dependents
