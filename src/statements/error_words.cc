#include "statements/error_words.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace berth::statements {
namespace {

bool ContinuesCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

void AddLine(std::string& words, std::string_view label, std::string_view text) {
  if (!text.empty()) words += fmt::format("\n  {}: {}", label, text);
}

}  // namespace

std::string WordError(const Error& error, std::string_view sql, const BoundText& bound) {
  std::string words = "ERROR: " + error.message;
  AddLine(words, "Detail", error.detail);
  AddLine(words, "Hint", error.hint);
  if (error.span && error.code == ErrorCode::kServer) {
    const auto offset = std::min(bound.OriginalOffset(error.span->offset), sql.size());
    const auto before = sql.substr(0, offset);
    const auto characters = static_cast<std::size_t>(
        std::count_if(before.begin(), before.end(), [](char c) { return !ContinuesCharacter(c); }));
    AddLine(words, "Position", std::to_string(characters + 1));
  }
  if (error.in_doubt) AddLine(words, "Detail", "Whether the statement took effect is in doubt.");
  return words;
}

std::string WordNotices(const std::vector<Notice>& notices) {
  std::string words;
  for (const auto& notice : notices) {
    if (!words.empty()) words += '\n';
    words += fmt::format("{}: {}", notice.severity, notice.message);
    AddLine(words, "Detail", notice.detail);
    AddLine(words, "Hint", notice.hint);
  }
  return words;
}

std::string CutWords(std::string text) {
  if (text.size() <= kErrorBytesMax) return text;
  std::size_t end = kErrorBytesMax - 3;
  while (end > 0 && ContinuesCharacter(text[end])) --end;
  text.resize(end);
  return text + "...";
}

}  // namespace berth::statements
