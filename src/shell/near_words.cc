#include "shell/near_words.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/strings.h"
#include "parser/complete.h"
#include "parser/scan.h"

namespace berth::shell {
namespace {

constexpr std::size_t kWordsLookedAt = 3;  // CREATE REDSHIFT CONNECTION
constexpr auto kSqlStatements = std::to_array<std::string_view>(
    {"ABORT",      "ALTER",   "ANALYZE", "BEGIN",    "CALL",    "CLOSE",  "COMMENT", "COMMIT",   "COPY",   "CREATE",
     "DEALLOCATE", "DECLARE", "DELETE",  "DO",       "DROP",    "END",    "EXECUTE", "EXPLAIN",  "FETCH",  "GRANT",
     "INSERT",     "LOCK",    "MERGE",   "PREPARE",  "REFRESH", "RESET",  "REVOKE",  "ROLLBACK", "SELECT", "SET",
     "SHOW",       "START",   "TABLE",   "TRUNCATE", "UNLOAD",  "UPDATE", "USE",     "VACUUM",   "VALUES", "WITH"});

// Whether the error says that the text was not understood at this word.
bool IsAbout(const parser::Token& token, const Error& error) {
  if (error.span) return error.span->offset == token.offset && error.Sqlstate() == "42601";
  return error.Sqlstate() == "08003" || error.Sqlstate() == "42704";  // no connection in use; SHOW of what is not there
}

}  // namespace

std::string NearStatement(std::string_view text, const Error& error) {
  const auto sqlstate = error.Sqlstate();
  if (sqlstate != "42601" && sqlstate != "08003" && sqlstate != "42704") return {};
  parser::Scanner scanner(text, false);
  std::string before;
  for (std::size_t i = 0; i < kWordsLookedAt; ++i) {
    const auto token = scanner.Next();
    if (token.kind != parser::TokenKind::kWord) return {};
    const auto next = parser::WhatMayFollow(before);
    std::vector<std::string_view> words(next.keywords.begin(), next.keywords.end());
    if (i == 0) words.insert(words.end(), kSqlStatements.begin(), kSqlStatements.end());
    const bool known =
        std::any_of(words.begin(), words.end(), [&](const auto word) { return token.IsWord(base::ToLower(word)); });
    if (!known) {
      const auto meant = IsAbout(token, error) ? base::DidYouMean(token.text, words) : std::nullopt;
      return meant ? fmt::format("Did you mean {}{}?", before, *meant) : std::string();
    }
    for (const char c : token.text) before += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    before += ' ';
  }
  return {};
}

}  // namespace berth::shell
