#include "dependents/body_tables.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "dependents/grammar_read.h"
#include "dependents/mention.h"
#include "dependents/token_read.h"
#include "parser/scan.h"

namespace berth::dependents {
namespace {

using parser::TokenKind;

// A script's statements, without the semicolons between them.
std::vector<std::string_view> Split(std::string_view body, bool backslash_escapes) {
  std::vector<std::string_view> statements;
  parser::Scanner scanner(body, backslash_escapes);
  std::size_t begin = 0;
  bool blank = true;
  while (true) {
    const auto token = scanner.Next();
    const bool end = token.kind == TokenKind::kEnd;
    if (!end && !token.IsSymbol(';')) {
      blank = false;
      continue;
    }
    const std::size_t stop = end ? body.size() : token.offset;
    if (!blank) statements.push_back(body.substr(begin, stop - begin));
    if (end) return statements;
    begin = token.end();
    blank = true;
  }
}

bool IsSystem(const Mention& mention) {
  static constexpr std::array<std::string_view, 4> kSchemas = {"pg_catalog", "information_schema", "pg_internal",
                                                               "pg_temp"};
  static constexpr std::array<std::string_view, 8> kPrefixes = {"pg_",  "stl_",  "stv_", "svl_",
                                                                "svv_", "svcs_", "sys_", "stcs_"};
  if (!mention.schema.empty()) return std::find(kSchemas.begin(), kSchemas.end(), mention.schema) != kSchemas.end();
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view prefix) { return mention.table.starts_with(prefix); });
}

// Words that begin statements which touch no table, or none that their text names.
bool TouchesNone(std::string_view statement, bool backslash_escapes) {
  static constexpr std::array<std::string_view, 9> kWords = {"GRANT", "REVOKE", "SHOW",   "USE",  "SET",
                                                             "RESET", "CALL",   "CREATE", "ALTER"};
  const auto first = parser::Scanner(statement, backslash_escapes).Next();
  return std::any_of(kWords.begin(), kWords.end(), [&](std::string_view word) { return first.IsWord(word); });
}

class Body {
 public:
  Body(bool backslash_escapes, std::string_view schema, std::string_view database)
      : backslash_escapes_(backslash_escapes), schema_(schema), database_(database) {}

  BodyTables Read(std::string_view body) {
    std::size_t number = 0;
    for (const auto statement : Split(body, backslash_escapes_)) {
      ++number;
      bool refused = false;
      auto tables = ReadStatement(statement, refused);
      if (refused && tables.mentions.empty() && !TouchesNone(statement, backslash_escapes_))
        out_.unread.push_back(number);
      const auto offset = static_cast<std::uint32_t>(statement.data() - body.data());
      const SourceSpan whole{.offset = offset, .length = static_cast<std::uint32_t>(statement.size())};
      for (auto& mention : tables.mentions) Take(std::move(mention), whole);
      if (tables.search_path) schema_ = *tables.search_path;
    }
    JoinStaging();
    return std::move(out_);
  }

 private:
  using Name = std::pair<std::string, std::string>;

  StatementTables ReadStatement(std::string_view statement, bool& refused) const {
    if (auto parsed = ReadByGrammar(statement)) {
      std::sort(parsed->mentions.begin(), parsed->mentions.end(), [](const Mention& a, const Mention& b) {
        return std::pair(a.name.offset, a.use) < std::pair(b.name.offset, b.use);
      });
      return *std::move(parsed);
    }
    refused = true;
    return ReadByTokens(statement, backslash_escapes_, [this](std::string_view query) {
      bool also_refused = false;
      return ReadStatement(query, also_refused);
    });
  }

  void Take(Mention mention, SourceSpan statement) {
    if (mention.use == Use::kMakesTemporary) {
      temporary_.insert(mention.table);
      return;
    }
    if (mention.schema.empty() && temporary_.contains(mention.table)) return;
    const SourceSpan name = mention.name.length == 0 ? statement
                                                     : SourceSpan{.offset = statement.offset + mention.name.offset,
                                                                  .length = mention.name.length};
    if (!mention.database.empty() && mention.database != database_) return AddElsewhere(std::move(mention));
    if (IsSystem(mention)) return;
    if (mention.schema.empty()) mention.schema = schema_;
    if (mention.use == Use::kMakes) made_.insert({mention.schema, mention.table});
    Add({.schema = std::move(mention.schema),
         .table = std::move(mention.table),
         .role = mention.use == Use::kReads ? Role::kSource : Role::kTarget,
         .found = mention.found,
         .name = name});
  }

  void AddElsewhere(Mention mention) {
    const bool known = std::any_of(out_.elsewhere.begin(), out_.elsewhere.end(),
                                   [&](const ElsewhereUse& use) { return use.database == mention.database; });
    if (known) return;
    out_.elsewhere.push_back({.database = std::move(mention.database),
                              .schema = std::move(mention.schema),
                              .table = std::move(mention.table)});
  }

  void Add(TableUse use) {
    const auto [place, added] = places_.try_emplace({use.schema, use.table, use.role}, out_.tables.size());
    if (added) {
      out_.tables.push_back(std::move(use));
    } else if (use.found == Found::kParsed) {
      out_.tables[place->second].found = Found::kParsed;
    }
  }

  // One use in place of the two.
  void JoinStaging() {
    for (auto& use : out_.tables) {
      const bool both =
          made_.contains({use.schema, use.table}) && places_.contains({use.schema, use.table, Role::kSource});
      if (both && use.role == Role::kTarget) use.role = Role::kStaging;
    }
    std::erase_if(out_.tables, [&](const TableUse& use) {
      return use.role == Role::kSource && made_.contains({use.schema, use.table});
    });
  }

  const bool backslash_escapes_;
  std::string schema_;  // of names that have none
  const std::string database_;
  BodyTables out_;
  std::map<std::tuple<std::string, std::string, Role>, std::size_t> places_;  // in out_.tables
  std::set<Name> made_;
  std::set<std::string> temporary_;
};

}  // namespace

BodyTables FindTables(std::string_view body, bool backslash_escapes, std::string_view schema,
                      std::string_view database) {
  return Body(backslash_escapes, schema, database).Read(body);
}

}  // namespace berth::dependents
