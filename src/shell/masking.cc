#include "shell/masking.h"

#include <cctype>
#include <cstddef>

#include "parser/redact.h"

namespace berth::shell {
namespace {

// Pieces shorter than this are masked only where they stand as a word: a password "a" is no reason to mask every a.
constexpr std::size_t kShort = 4;

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

void MaskPiece(std::string& message, std::string_view piece) {
  std::size_t at = 0;
  while ((at = message.find(piece, at)) != std::string::npos) {
    const std::size_t end = at + piece.size();
    const bool inside_word =
        (at > 0 && IsWordByte(message[at - 1])) || (end < message.size() && IsWordByte(message[end]));
    if (piece.size() < kShort && inside_word) {
      at = end;
      continue;
    }
    message.replace(at, piece.size(), parser::kMask);
    at += parser::kMask.size();
  }
}

// A piece may be quoted whole, without its quotes, or cut at a line end or a blank.
void MaskWithParts(std::string& message, std::string_view piece) {
  const auto quote = [](char c) { return c == '\'' || c == '"' || c == '$'; };
  while (!piece.empty() && quote(piece.front())) piece.remove_prefix(1);
  while (!piece.empty() && quote(piece.back())) piece.remove_suffix(1);
  if (piece.empty()) return;
  MaskPiece(message, piece);
  while (!piece.empty()) {
    const auto blank = piece.find_first_of(" \t\r\n");
    const auto word = piece.substr(0, blank);
    if (!word.empty()) MaskPiece(message, word);
    if (blank == std::string_view::npos) break;
    piece.remove_prefix(blank + 1);
  }
}

}  // namespace

std::string MaskRepeated(std::string message, std::string_view statement, std::span<const SourceSpan> masked) {
  for (const auto& span : masked) MaskWithParts(message, statement.substr(span.offset, span.length));
  return message;
}

}  // namespace berth::shell
