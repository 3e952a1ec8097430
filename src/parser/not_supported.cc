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

// What it changes is in the warehouse, which EXPLAIN does not ask.
constexpr std::string_view kNotExplained = "EXPLAIN RUN JOB";

std::string_view TakePiece(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const auto piece = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return piece;
}

bool Matches(const Token& token, std::string_view choices) {
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
  if (const std::size_t taken = WordsTaken(kNotExplained, words); taken != 0) {
    return Error{.code = ErrorCode::kNotSupported,
                 .message = "EXPLAIN has no RUN JOB: what it changes is in the warehouse",
                 .hint = "SHOW CREATE JOB shows what it sends, SHOW DEPENDENTS OF CONNECTION what it touches.",
                 .span = SpanOf(words, taken)};
  }
  for (const auto form : kForms) {
    const std::size_t taken = WordsTaken(form, words);
    if (taken == 0) continue;
    std::string name;
    for (std::size_t i = 0; i < taken; ++i) {
      if (words[i].token.kind != TokenKind::kWord) break;
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
