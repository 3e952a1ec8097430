#include "shell/masking.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <vector>

#include "parser/redact.h"

namespace berth::shell {
namespace {

// Pieces shorter than this are masked only where they stand as a word: a password "a" is no reason to mask every a.
constexpr std::size_t kShort = 4;

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Redacted is the statement with some pieces replaced by the mask: what is between the masks is found again in the
// statement, in order, and what lies between those finds was masked.
std::vector<std::string_view> MaskedPieces(std::string_view statement, std::string_view redacted) {
  std::vector<std::string_view> kept;
  while (true) {
    const auto mask = redacted.find(parser::kMask);
    kept.push_back(redacted.substr(0, mask));
    if (mask == std::string_view::npos) break;
    redacted.remove_prefix(mask + parser::kMask.size());
  }
  std::vector<std::string_view> pieces;
  std::size_t at = statement.starts_with(kept.front()) ? kept.front().size() : 0;
  for (std::size_t i = 1; i < kept.size(); ++i) {
    std::size_t next = statement.find(kept[i], at);
    if (i + 1 == kept.size()) {  // the last one stands at the end
      next = statement.size() - at >= kept[i].size() && statement.ends_with(kept[i]) ? statement.size() - kept[i].size()
                                                                                     : std::string_view::npos;
    }
    if (next == std::string_view::npos) next = statement.size();  // cannot be aligned: all the rest counts as masked
    pieces.push_back(statement.substr(at, next - at));
    at = std::min(statement.size(), next + kept[i].size());
  }
  return pieces;
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

std::string MaskRepeated(std::string message, std::string_view statement, std::string_view redacted) {
  for (const auto piece : MaskedPieces(statement, redacted)) MaskWithParts(message, piece);
  return message;
}

}  // namespace berth::shell
