#include "parser/not_supported.h"

#include <cstddef>
#include <string>

#include "base/strings.h"

namespace berth::parser {
namespace {

constexpr std::string_view kForms[] = {
    "CREATE [OR REPLACE] REPLICATION JOB",
    "CREATE [OR REPLACE] ATHENA|ELASTICSEARCH|GLUE_CATALOG|KAFKA|KINESIS|MONGODB|MSSQL|MYSQL CONNECTION",
    "CREATE [OR REPLACE] POLARIS_CATALOG|POSTGRES|POSTGRESQL|S3|SNOWFLAKE|TABULAR CONNECTION",
    "ALTER|DROP ATHENA|ELASTICSEARCH|GLUE_CATALOG|KAFKA|KINESIS|MONGODB|MSSQL|MYSQL CONNECTION",
    "ALTER|DROP POLARIS_CATALOG|POSTGRES|POSTGRESQL|S3|SNOWFLAKE|TABULAR CONNECTION",
};

// What EXPLAIN has not: it runs a statement and undoes it, and these act past the catalog or hand out what is new.
constexpr std::string_view kNotExplained[] = {
    "EXPLAIN ALTER [REDSHIFT] CONNECTION [IF EXISTS] <name> ROTATE",
    "EXPLAIN CREATE|DROP|ENABLE|DISABLE ACCESS KEY",
};

std::string_view TakePiece(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const auto piece = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return piece;
}

bool Matches(const Token& token, std::string_view choices) {
  if (choices == "<name>") {
    const bool name = token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedIdentifier;
    return name && !token.IsWord("CASCADE") && !token.IsWord("RESTRICT");
  }
  while (!choices.empty()) {
    if (token.IsWord(TakePiece(choices, '|'))) return true;
  }
  return false;
}

// How many words the form takes; 0: the statement is not of it. Brackets hold two words at most, each marked here by
// its bracket: what may be left out is left out as a whole when its first word is not there.
std::size_t WordsTaken(std::string_view form, const std::vector<Word>& words) {
  std::size_t at = 0;
  bool skip = false;
  while (!form.empty()) {
    auto piece = TakePiece(form, ' ');
    const bool opens = piece.starts_with('[');
    const bool closes = piece.ends_with(']');
    if (opens) piece.remove_prefix(1);
    if (closes) piece.remove_suffix(1);
    const bool matches = at < words.size() && Matches(words[at].token, piece);
    if (opens && !matches) skip = true;
    if (!skip) {
      if (!matches) return 0;
      ++at;
    }
    if (closes) skip = false;
  }
  return at;
}

SourceSpan SpanOf(const std::vector<Word>& words, std::size_t taken) {
  const std::size_t begin = words[0].token.offset;
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(words[taken - 1].token.end() - begin)};
}

}  // namespace

std::optional<Error> NotSupportedYet(const std::vector<Word>& words) {
  for (const auto form : kNotExplained) {
    const std::size_t taken = WordsTaken(form, words);
    if (taken == 0) continue;
    const bool rotate = words[taken - 1].token.IsWord("ROTATE");
    const auto what = rotate ? std::string("ALTER REDSHIFT CONNECTION .. ROTATE PASSWORD")
                             : base::ToUpper(words[1].token.text) + " ACCESS KEY";
    return Error{.code = ErrorCode::kNotSupported,
                 .message = "EXPLAIN has no " + what,
                 .hint =
                     "It takes statements on connections, groups, secrets, tables, jobs, service users and grants. "
                     "Run this one without EXPLAIN.",
                 .span = SpanOf(words, taken)};
  }
  for (const auto form : kForms) {
    const std::size_t taken = WordsTaken(form, words);
    if (taken == 0) continue;
    std::string name;
    for (std::size_t i = 0; i < taken; ++i) {
      if (words[i].token.kind != TokenKind::kWord) break;
      if (form.ends_with("<name>") && i + 1 == taken) break;
      name += (name.empty() ? "" : " ") + base::ToUpper(words[i].token.text);
    }
    Error error;
    error.code = ErrorCode::kNotSupported;
    error.message = name + " is not supported by this version of Berth";
    error.span = SpanOf(words, taken);
    return error;
  }
  return std::nullopt;
}

std::span<const std::string_view> NotSupportedForms() {
  return kForms;
}

}  // namespace berth::parser
