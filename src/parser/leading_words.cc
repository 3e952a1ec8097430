#include "parser/leading_words.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/strings.h"
#include "parser/scan.h"

namespace berth::parser {
namespace {

using enum TransactionWord;

// clang-format off
constexpr LeadingWords kTable[] = {
    // REDSHIFT is no server's kind of object: a misspelt CONNECTION still comes to us. The other types are Upsolver's.
    {"CREATE [OR REPLACE] REDSHIFT"},
    {"CREATE [OR REPLACE] CONNECTION"},
    {"CREATE [OR REPLACE] SNOWFLAKE|POSTGRES|POSTGRESQL|MYSQL|MSSQL|ELASTICSEARCH CONNECTION"},
    {"CREATE [OR REPLACE] MONGODB|S3|GLUE_CATALOG|KAFKA|KINESIS CONNECTION"},
    {"CREATE [OR REPLACE] <word> CONNECTION [IF NOT EXISTS] <name> CONNECTION_STRING|USER_NAME"},
    {"ALTER|DROP REDSHIFT|CONNECTION"},
    {"ALTER|DROP SNOWFLAKE|POSTGRES|POSTGRESQL|MYSQL|MSSQL|ELASTICSEARCH CONNECTION"},
    {"ALTER|DROP MONGODB|S3|GLUE_CATALOG|KAFKA|KINESIS CONNECTION"},
    {"EXPLAIN CREATE [OR REPLACE] REDSHIFT|CONNECTION"},
    {"EXPLAIN ALTER|DROP REDSHIFT|CONNECTION"},
    {"EXPLAIN CREATE [OR REPLACE] [SYNC] JOB"},
    {"EXPLAIN CREATE [OR REPLACE] SECRET"},
    {"EXPLAIN ALTER|DROP JOB|SECRET"},
    {"EXPLAIN ATTACH|DETACH TABLE|JOB"},
    {"EXPLAIN CREATE|ALTER|DROP SERVICE USER"},
    {"EXPLAIN GRANT|REVOKE USAGE ON CONNECTION"},
    {"EXPLAIN CREATE|DROP|ENABLE|DISABLE ACCESS KEY"},
    {"EXPLAIN PAUSE|RESUME CONNECTION|JOB"},
    {"EXPLAIN RUN JOB"},
    {"SHOW CONNECTIONS|CONNECTION"},
    {"SHOW CREATE [REDSHIFT] CONNECTION|JOB|SECRET"},
    {"SHOW DEPENDENTS"},
    {"SHOW HISTORY|SLOTS|SESSIONS OF"},
    {"SHOW POOLS|JOBS|SECRETS"},
    {"TEST|VALIDATE|PAUSE|RESUME CONNECTION"},
    {"CREATE [OR REPLACE] [SYNC|REPLICATION] JOB"},
    {"ALTER|DROP|PAUSE|RESUME|RUN JOB"},
    {"SHOW JOB RUNS"},
    {"ATTACH|DETACH TABLE|JOB"},
    {"CREATE [OR REPLACE] SECRET"},
    {"ALTER|DROP SECRET"},
    {"CREATE|ALTER|DROP SERVICE USER"},
    {"CREATE|DROP ACCESS KEY"},
    {"DISABLE|ENABLE ACCESS KEY"},
    {"SHOW SERVICE USERS"},
    {"SHOW ACCESS KEYS"},
    {"SHOW GRANTS <end>"},
    {"SHOW GRANTS ON CONNECTION <name>"},
    {"SHOW GRANTS TO SERVICE USER"},
    {"GRANT USAGE ON CONNECTION <name> TO"},
    {"REVOKE USAGE ON CONNECTION <name> FROM"},
    {"EXECUTE ON CONNECTION"},
    {"USE CONNECTION <name>"},
    {"SET BERTH ."},
    {"SHOW BERTH ."},
    {"SELECT|WITH <system>", Owner::kSystem},
    {"( <system>", Owner::kSystem},
    {"USE <name>", Owner::kEither},
    {"CREATE TABLE [IF NOT EXISTS] <table>", Owner::kEither},
    {"DROP TABLE [IF EXISTS] <table>", Owner::kEither},
    {"EXPLAIN CREATE TABLE [IF NOT EXISTS] <table>", Owner::kEither},
    {"EXPLAIN DROP TABLE [IF EXISTS] <table>", Owner::kEither},
    {"BEGIN [WORK|TRANSACTION] <modes> <end>", Owner::kServer, kBegin},
    {"START TRANSACTION <modes> <end>", Owner::kServer, kBegin},
    {"COMMIT|END [WORK|TRANSACTION] [AND NO CHAIN] <end>", Owner::kServer, kCommit},
    {"COMMIT|END [WORK|TRANSACTION] AND CHAIN <end>", Owner::kServer, kCommit, true},
    {"ROLLBACK|ABORT [WORK|TRANSACTION] [AND NO CHAIN] <end>", Owner::kServer, kRollback},
    {"ROLLBACK|ABORT [WORK|TRANSACTION] AND CHAIN <end>", Owner::kServer, kRollback, true},
};
// clang-format on

constexpr std::string_view kSystemDatabase = "system";
constexpr std::string_view kSystemSchema = "information_schema";

bool HoldsIgnoringCase(std::string_view text, std::string_view lower) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; };
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(), same) != text.end();
}

// Whether a table of Berth's own stands where tables stand, anywhere in the first statement of the text. Nearly all
// texts are passed on, and those do not name the schema.
bool ReadsSystem(std::string_view text, bool backslash_escapes) {
  if (!HoldsIgnoringCase(text, kSystemSchema)) return false;
  constexpr std::size_t kBefore = 5;  // FROM system . information_schema .
  std::array<Token, kBefore> last;
  Scanner scanner(text, backslash_escapes);
  bool begun = false;
  for (auto token = scanner.Next(); token.kind != TokenKind::kEnd; token = scanner.Next()) {
    if (token.IsSymbol(';')) {
      if (begun) return false;
      continue;
    }
    begun = true;
    const bool table =
        last[0].IsWord("FROM") || last[0].IsWord("JOIN") || last[0].IsSymbol(',') || last[0].IsSymbol('(');
    if (table && last[1].IsName() && last[1].Name() == kSystemDatabase && last[2].IsSymbol('.') && last[3].IsName() &&
        last[3].Name() == kSystemSchema && last[4].IsSymbol('.') && token.IsName()) {
      return true;
    }
    std::rotate(last.begin(), last.begin() + 1, last.end());
    last.back() = token;
  }
  return false;
}

// The tokens of a text as far as they are asked for.
class Tokens {
 public:
  Tokens(std::string_view text, bool backslash_escapes)
      : text_(text), backslash_escapes_(backslash_escapes), scanner_(text, backslash_escapes) {}
  const Token& At(std::size_t i) {
    while (read_.size() <= i) read_.push_back(scanner_.Next());
    return read_[i];
  }
  bool ReadSystem() const { return ReadsSystem(text_, backslash_escapes_); }

 private:
  std::string_view text_;
  bool backslash_escapes_;
  Scanner scanner_;
  std::vector<Token> read_;
};

// Takes what stands before the next space off `form`, or a whole [group] without its brackets.
std::string_view TakeElement(std::string_view& form, bool& optional) {
  optional = form.front() == '[';
  const std::size_t end = form.find(optional ? ']' : ' ');
  const auto element = optional ? form.substr(1, end - 1) : form.substr(0, end);
  form = end == std::string_view::npos ? std::string_view() : form.substr(end + (optional ? 1 : 0));
  while (!form.empty() && form.front() == ' ') form.remove_prefix(1);
  return element;
}

bool IsOneOf(const Token& token, std::string_view words) {
  while (!words.empty()) {
    const std::size_t bar = words.find('|');
    if (token.IsWord(words.substr(0, bar))) return true;
    words = bar == std::string_view::npos ? std::string_view() : words.substr(bar + 1);
  }
  return false;
}

class Matcher {
 public:
  explicit Matcher(Tokens& tokens) : tokens_(tokens) {}

  // Whether the tokens from `at` on begin as `form` says.
  bool Fits(std::string_view form, std::size_t at) {
    while (!form.empty()) {
      bool optional = false;
      const auto element = TakeElement(form, optional);
      if (optional) {
        std::string with(element);
        if (!form.empty()) with.append(" ").append(form);
        return Fits(with, at) || Fits(form, at);
      }
      if (!FitsElement(element, at)) return false;
    }
    return true;
  }
  const std::optional<Token>& first_name() const { return first_name_; }

 private:
  bool TakeName(std::size_t& at) {
    const auto& token = tokens_.At(at);
    if (!token.IsName()) return false;
    if (!first_name_) first_name_ = token;
    ++at;
    return true;
  }
  bool FitsElement(std::string_view element, std::size_t& at) {
    if (element == "<name>") return TakeName(at);
    if (element == "<table>") {
      for (int part = 0; part < 3; ++part) {
        if (part > 0 && !tokens_.At(at++).IsSymbol('.')) return false;
        if (!TakeName(at)) return false;
      }
      return true;
    }
    if (element == "<system>") return tokens_.ReadSystem();
    if (element == "<modes>") {
      constexpr std::string_view kModes =
          "ISOLATION|LEVEL|SERIALIZABLE|SNAPSHOT|REPEATABLE|READ|COMMITTED|UNCOMMITTED|WRITE|ONLY|NOT|DEFERRABLE";
      while (IsOneOf(tokens_.At(at), kModes) || tokens_.At(at).IsSymbol(',')) ++at;
      return true;
    }
    if (element == "<end>") {
      while (tokens_.At(at).IsSymbol(';')) ++at;
      return tokens_.At(at).kind == TokenKind::kEnd;
    }
    const auto& token = tokens_.At(at++);
    if (element == "<word>") return token.kind == TokenKind::kWord;
    if (element.size() == 1 && token.IsSymbol(element[0])) return true;
    return IsOneOf(token, element);
  }

  Tokens& tokens_;
  std::optional<Token> first_name_;
};

}  // namespace

std::span<const LeadingWords> LeadingWordsTable() {
  return kTable;
}

Classified Classify(std::string_view text, bool backslash_escapes) {
  Tokens tokens(text, backslash_escapes);
  std::size_t first = 0;
  while (tokens.At(first).IsSymbol(';')) ++first;
  if (tokens.At(first).kind == TokenKind::kEnd) return {.owner = Owner::kEmpty};
  for (const auto& row : kTable) {
    Matcher matcher(tokens);
    if (!matcher.Fits(row.form, first)) continue;
    Classified found{.owner = row.owner, .transaction = row.transaction, .chain = row.chain};
    if (row.owner == Owner::kEither) found.first_name = matcher.first_name()->Name();
    return found;
  }
  return {};
}

}  // namespace berth::parser
