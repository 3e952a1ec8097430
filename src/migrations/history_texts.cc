#include "migrations/history_texts.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/strings.h"
#include "catalog/utc.h"

namespace berth::migrations {

Error ChangedSince(const File& file, std::string_view connection) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("{} was begun on connection {} with another text", file.script, connection),
          .hint =
              "Put the old text back and write the change as a new migration; or, if the texts do the same, "
              "`berth migrate repair` takes over the new one."};
}

std::string HistoryTime(Clock::Wall time) {
  auto text = catalog::UtcText(time);  // 2026-11-22T13:28:01.123Z
  if (const auto t = text.find('T'); t != std::string::npos) text[t] = ' ';
  if (text.ends_with('Z')) text.pop_back();
  return text;
}

std::optional<std::string> WithLiterals(std::string_view sql, Parameters values) {
  std::string out;
  while (!sql.empty()) {
    const auto at = std::min(sql.find('$'), sql.size());
    out += sql.substr(0, at);
    sql.remove_prefix(at);
    if (sql.empty()) break;
    std::size_t number = 0;
    const auto end = std::from_chars(sql.data() + 1, sql.data() + sql.size(), number).ptr;
    if (number == 0 || number > values.size()) return std::nullopt;
    const auto& value = values[number - 1];
    if (value && value->find('\\') != std::string::npos) return std::nullopt;
    out += value ? base::QuoteLiteral(*value) : "NULL";
    sql.remove_prefix(static_cast<std::size_t>(end - sql.data()));
  }
  return out;
}

Error InDoubt(const File& file, const Part& part, std::int64_t statement) {
  const auto index = static_cast<std::size_t>(statement - 1);
  const auto line = index < part.steps.size() ? part.steps[index].line : 0;
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("{}:{}: statement {} of this file without a transaction is in doubt on connection {}: "
                                 "it was sent, and nobody heard whether it was applied",
                                 file.script, line, statement, part.connection),
          .hint =
              "Look on the warehouse, then say `berth migrate repair --assume applied` or `berth migrate repair "
              "--assume not-applied`; `berth migrate up` goes on from there."};
}

}  // namespace berth::migrations
