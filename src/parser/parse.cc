#include "parser/parse.h"

#include <exception>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "parser/antlr_build.h"
#include "parser/antlr_grammar.h"
#include "parser/antlr_lock.h"
#include "parser/not_supported.h"
#include "parser/syntax_error.h"
#include "parser/words.h"

namespace berth::parser {
namespace {

Error Refused(ErrorCode code, std::string message, std::size_t offset) {
  return Error{.code = code, .message = std::move(message), .span = SourceSpan{static_cast<std::uint32_t>(offset), 1}};
}

Status CheckText(std::string_view text) {
  if (text.size() > kStatementBytesMax) {
    return Refused(ErrorCode::kLimitExceeded,
                   "a statement of " + std::to_string(text.size()) + " bytes is too long: at most " +
                       std::to_string(kStatementBytesMax) + " bytes",
                   0);
  }
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    return Refused(ErrorCode::kInvalidArgument, "a statement must not hold NUL bytes", nul);
  }
  if (base::IsValidUtf8(text)) return {};
  // No UTF-8 sequence holds a newline, so lines can be looked at one by one.
  std::size_t line = 1;
  std::size_t start = 0;
  for (;; ++line) {
    const std::size_t end = text.find('\n', start);
    if (!base::IsValidUtf8(text.substr(start, end - start)) || end == std::string_view::npos) break;
    start = end + 1;
  }
  return Refused(ErrorCode::kInvalidArgument, "line " + std::to_string(line) + " is not valid UTF-8", start);
}

Result<Statement> ParseWords(const std::vector<Word>& words) {
  std::vector<std::size_t> types;
  types.reserve(words.size());
  for (const auto& word : words) types.push_back(word.type);
  const base::MutexLock lock(AntlrMutex());
  Grammar grammar(types);
  auto* entry = grammar.Run();
  if (entry == nullptr) return SyntaxErrorAt(words, grammar.failed_at());
  return Builder(words).Build(*entry);
}

}  // namespace

base::Mutex& AntlrMutex() {
  static base::Mutex mutex;
  return mutex;
}

Result<Statement> Parse(std::string_view text) {
  try {
    BERTH_TRY(CheckText(text));
    BERTH_ASSIGN(const auto words, CutWords(text));
    if (auto error = NotSupportedYet(words)) return *std::move(error);
    return ParseWords(words);
  } catch (const std::exception& e) {
    return Error{.code = ErrorCode::kInternal, .message = std::string("the parser failed: ") + e.what()};
  }
}

}  // namespace berth::parser
