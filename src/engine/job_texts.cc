#include "engine/job_texts.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "base/try.h"
#include "dependents/touches.h"
#include "parser/leading_words.h"
#include "parser/scan.h"
#include "parser/splitter.h"

namespace berth::engine {
namespace {

using parser::Token;
using parser::TokenKind;

std::vector<std::string> Split(const std::string& script, bool backslash_escapes) {
  parser::Splitter splitter({.meta_commands = false});
  splitter.SetBackslashEscapes(backslash_escapes);
  splitter.Feed(script);
  splitter.Finish();
  std::vector<std::string> statements;
  while (auto piece = splitter.Next()) statements.push_back(std::move(piece->text));
  return statements;
}

std::string QuotedName(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string Joined(const std::vector<std::string>& columns) {
  std::string out;
  for (const auto& column : columns) out += (out.empty() ? "" : ", ") + QuotedName(column);
  return out;
}

// Upsolver's kinds of connections, as they stand before a name in INSERT INTO, MERGE INTO and COPY FROM.
constexpr std::array<std::string_view, 12> kOtherKinds = {"SNOWFLAKE", "POSTGRES", "POSTGRESQL",    "MYSQL",
                                                          "MSSQL",     "MONGODB",  "ELASTICSEARCH", "KAFKA",
                                                          "KINESIS",   "S3",       "GLUE_CATALOG",  "ATHENA"};

bool IsOtherKind(const Token& token) {
  return std::any_of(kOtherKinds.begin(), kOtherKinds.end(), [&](auto kind) { return token.IsWord(kind); });
}

SourceSpan SpanOf(const Token& token, std::size_t offset) {
  return {.offset = static_cast<std::uint32_t>(token.offset + offset),
          .length = static_cast<std::uint32_t>(token.text.size())};
}

// INSERT INTO SNOWFLAKE c.s.t, MERGE INTO S3 .., COPY FROM KAFKA ..: a kind and then a name.
Status CheckTarget(std::string_view statement, std::size_t offset) {
  parser::Scanner scanner(statement, /*backslash_escapes=*/false);
  std::array<Token, 4> words;
  for (auto& word : words) word = scanner.Next();
  const bool into = (words[0].IsWord("INSERT") || words[0].IsWord("MERGE")) && words[1].IsWord("INTO");
  const bool from = words[0].IsWord("COPY") && words[1].IsWord("FROM");
  const auto& kind = words[2];
  if ((!into && !from) || !words[3].IsName()) return {};
  if (!IsOtherKind(kind) && !(from && kind.IsWord("REDSHIFT"))) return {};
  if (into && words[3].IsWord("SELECT")) return {};  // a table of that name
  return Error{
      .code = ErrorCode::kNotSupported,
      .message = fmt::format("a job cannot {} {}: jobs run on Redshift alone", into ? "write into" : "copy from",
                             base::ToUpper(kind.text)),
      .hint = "INSERT INTO REDSHIFT connection.schema.table writes a table; COPY and UNLOAD are Redshift's own.",
      .span = SpanOf(kind, offset)};
}

}  // namespace

Result<std::vector<std::string>> StatementsOf(const catalog::Job& job, const std::string& connection,
                                              bool backslash_escapes) {
  const auto own = [&](std::string_view name) { return name == connection; };
  BERTH_ASSIGN(const auto touches, dependents::FindTouches(job.body, own, backslash_escapes));
  auto text = dependents::WithoutPrefixes(job.body, touches);
  if (job.script) return Split(text, backslash_escapes);
  return std::vector<std::string>{std::move(text)};
}

Result<std::optional<MappedInsert>> ReadMappedInsert(std::string_view statement, bool backslash_escapes) {
  parser::Scanner scanner(statement, backslash_escapes);
  if (!scanner.Next().IsWord("INSERT") || !scanner.Next().IsWord("INTO")) return std::optional<MappedInsert>();
  const auto first = scanner.Next();
  auto last = first;
  auto token = scanner.Next();
  while (token.IsSymbol('.')) {
    last = scanner.Next();
    token = scanner.Next();
  }
  if (!first.IsName() || !token.IsWord("MAP_COLUMNS_BY_NAME")) return std::optional<MappedInsert>();
  MappedInsert insert;
  insert.target = std::string(statement.substr(first.offset, last.end() - first.offset));
  token = scanner.Next();
  if (token.IsWord("EXCEPT")) {
    do {
      token = scanner.Next();
      if (!token.IsName()) {
        return Error{.code = ErrorCode::kSyntax,
                     .message = fmt::format("EXCEPT takes names of columns, not {}", token.text),
                     .span = SpanOf(token, 0)};
      }
      insert.except.push_back(token.Name());
      token = scanner.Next();
    } while (token.IsSymbol(','));
  }
  if (token.kind == TokenKind::kEnd) {
    return Error{.code = ErrorCode::kSyntax, .message = "after MAP_COLUMNS_BY_NAME stands no query"};
  }
  insert.query = std::string(statement.substr(token.offset));
  return std::optional(std::move(insert));
}

std::string ColumnsQuery(const MappedInsert& insert) {
  return fmt::format("SELECT * FROM ({}\n) AS berth_source LIMIT 0", insert.query);
}

Result<std::string> InsertByName(const MappedInsert& insert, const std::vector<std::string>& columns) {
  for (const auto& name : insert.except) {
    if (std::find(columns.begin(), columns.end(), name) != columns.end()) continue;
    return Error{
        .code = ErrorCode::kInvalidArgument,
        .message = fmt::format("EXCEPT names {}, which is no column of the query", base::QuoteIdentifier(name)),
        .sqlstate = "42703"};
  }
  std::vector<std::string> mapped = columns;
  std::erase_if(mapped, [&](const std::string& column) {
    return std::find(insert.except.begin(), insert.except.end(), column) != insert.except.end();
  });
  if (mapped.empty()) {
    return Error{.code = ErrorCode::kInvalidArgument, .message = "MAP_COLUMNS_BY_NAME EXCEPT leaves no column"};
  }
  const auto names = Joined(mapped);
  return fmt::format("INSERT INTO {} ({}) SELECT {} FROM ({}\n) AS berth_source", insert.target, names, names,
                     insert.query);
}

Status CheckBody(std::string_view body, bool script, bool auto_commit) {
  if (!script) return CheckTarget(body, 0);
  std::size_t from = 0;
  for (const auto& statement : Split(std::string(body), /*backslash_escapes=*/false)) {
    const auto at = std::min(body.find(statement, from), body.size());  // it is a piece of the body
    from = at + statement.size();
    BERTH_TRY(CheckTarget(statement, at));
    if (auto_commit || parser::Classify(statement, false).transaction == parser::TransactionWord::kNone) continue;
    return Error{
        .code = ErrorCode::kInvalidArgument,
        .message = "a script is one transaction, which it can neither begin nor end",
        .hint = "AUTO_COMMIT = TRUE commits each statement by itself, and leaves BEGIN and COMMIT to the script.",
        .span = SourceSpan{.offset = static_cast<std::uint32_t>(at),
                           .length = static_cast<std::uint32_t>(statement.size())}};
  }
  return {};
}

}  // namespace berth::engine
