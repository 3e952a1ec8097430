#include "session/position.h"

namespace berth::session {
namespace {

bool InWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool Continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}  // inside a UTF-8 character

}  // namespace

SourceSpan SpanAt(std::string_view sql, std::size_t position) {
  std::size_t at = 0;
  for (std::size_t left = position; at < sql.size(); ++at) {
    if (!Continues(sql[at]) && --left == 0) break;
  }
  std::size_t end = at;
  while (end < sql.size() && InWord(sql[end])) ++end;
  if (end == at && at < sql.size()) ++end;
  return {.offset = static_cast<std::uint32_t>(at), .length = static_cast<std::uint32_t>(end - at)};
}

}  // namespace berth::session
