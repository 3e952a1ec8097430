#include "migrate/migration.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/crypto.h"
#include "base/strings.h"
#include "base/try.h"

namespace berth::migrate {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '_';
}

Error BadName(std::string_view file_name, std::string_view reason) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = fmt::format("{} is not the name of a migration: {}", file_name, reason),
          .hint = "Name it V<number>__<what it does>.sql, as in V0003__add_jobs.sql."};
}

}  // namespace

Result<MigrationName> ParseMigrationName(std::string_view file_name) {
  constexpr std::string_view kSuffix = ".sql";
  if (!file_name.ends_with(kSuffix)) return BadName(file_name, "it does not end in .sql");
  auto rest = file_name.substr(0, file_name.size() - kSuffix.size());
  if (!rest.starts_with('V')) return BadName(file_name, "it does not begin with V");
  rest.remove_prefix(1);
  const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(rest, IsDigit) - rest.begin());
  if (digits == 0) return BadName(file_name, "no number follows the V");
  MigrationName name;
  const auto number = rest.substr(0, digits);
  const auto [end, failure] = std::from_chars(number.data(), number.data() + number.size(), name.version);
  if (failure != std::errc() || name.version > kVersionMax)
    return BadName(file_name, "its number has more than 18 digits");
  if (name.version == 0) return BadName(file_name, "numbers begin at 1");
  rest.remove_prefix(digits);
  if (!rest.starts_with("__")) return BadName(file_name, "two underscores must follow the number");
  rest.remove_prefix(2);
  if (rest.empty()) return BadName(file_name, "a few words must follow the underscores");
  if (!std::ranges::all_of(rest, IsNameCharacter)) {
    return BadName(file_name, "its words may hold letters, digits and underscores only");
  }
  name.description = rest;
  std::ranges::replace(name.description, '_', ' ');
  return name;
}

std::string NormaliseText(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (text.find('\r') == std::string_view::npos) return std::string(text);
  std::string normal;
  normal.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      normal += text[i];
      continue;
    }
    normal += '\n';
    if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return normal;
}

Result<Migration> MakeMigration(std::string_view file_name, std::string_view text) {
  BERTH_ASSIGN(auto name, ParseMigrationName(file_name));
  std::string sql = NormaliseText(text);
  if (base::Trim(sql).empty()) {
    return Error{.code = ErrorCode::kInvalidArgument, .message = fmt::format("The migration {} is empty", file_name)};
  }
  std::string checksum = base::Sha256Hex(sql);
  return Migration{.version = name.version,
                   .description = std::move(name.description),
                   .sql = std::move(sql),
                   .checksum = std::move(checksum)};
}

}  // namespace berth::migrate
