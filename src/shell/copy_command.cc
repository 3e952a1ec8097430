#include "shell/copy_command.h"

#include <fmt/core.h>

#include <optional>

#include "base/strings.h"
#include "base/try.h"
#include "parser/scan.h"

namespace berth::shell {
namespace {

using parser::Token;
using parser::TokenKind;

// What a string stands for: '' is one quote.
std::string Unquoted(const Token& token) {
  std::string out(token.Inside());
  for (auto at = out.find("''"); at != std::string::npos; at = out.find("''", at + 1)) out.erase(at, 1);
  return out;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text), scanner_(text, false), token_(scanner_.Next()) {}

  Result<CopyCommand> Read() {
    CopyCommand command;
    BERTH_TRY(Relation(command));
    if (!relation_.empty() && Take("from")) return From(std::move(command));
    if (!Take("to")) return Expected(relation_.empty() ? "TO" : "TO or FROM");
    BERTH_TRY(File(command));
    BERTH_TRY(Options(command.options));
    if (token_.kind != TokenKind::kEnd) return Expected("an option or the end");
    return command;
  }

 private:
  void Next() { token_ = scanner_.Next(); }
  bool Take(std::string_view word) {
    const bool is = token_.IsWord(word);
    if (is) Next();
    return is;
  }
  bool TakeSymbol(char symbol) {
    const bool is = token_.IsSymbol(symbol);
    if (is) Next();
    return is;
  }
  Error Expected(std::string_view what) const {
    return Error{.code = ErrorCode::kSyntax,
                 .message = fmt::format(
                     "\\copy: {} was expected at {}", what,
                     token_.kind == TokenKind::kEnd ? std::string("the end") : fmt::format("\"{}\"", token_.text)),
                 .hint =
                     "Write \\copy { table [(columns)] | (query) } { to | from } { 'file' | program 'command' | "
                     "stdout | stdin } [csv] [header]."};
  }

  Result<CopyCommand> From(CopyCommand command) {
    command.from = true;
    BERTH_TRY(File(command));
    const auto options = base::Trim(text_.substr(std::min(token_.offset, text_.size())));
    command.statement = fmt::format("COPY {} FROM STDIN{}{}", relation_, options.empty() ? "" : " ", options);
    return command;
  }

  // The text up to and with the parenthesis that closes the one at hand.
  Result<std::string_view> Parenthesis() {
    const std::size_t begin = token_.offset;
    std::size_t depth = 0;
    for (; token_.kind != TokenKind::kEnd; Next()) {
      if (token_.IsSymbol('(')) ++depth;
      if (!token_.IsSymbol(')') || --depth > 0) continue;
      const auto text = text_.substr(begin, token_.end() - begin);
      Next();
      return text;
    }
    return Expected("a closing parenthesis");
  }

  Status Relation(CopyCommand& command) {
    if (token_.IsSymbol('(')) {
      BERTH_ASSIGN(const auto query, Parenthesis());
      command.statement = query.substr(1, query.size() - 2);
      return {};
    }
    if (!token_.IsName()) return Expected("a table or a query in parentheses");
    const std::size_t begin = token_.offset;
    std::string table(token_.text);
    Next();
    while (TakeSymbol('.')) {
      if (!token_.IsName()) return Expected("a name");
      table += fmt::format(".{}", token_.text);
      Next();
    }
    std::string columns = "*";
    if (token_.IsSymbol('(')) {
      BERTH_ASSIGN(const auto list, Parenthesis());
      columns = list.substr(1, list.size() - 2);
    }
    command.statement = fmt::format("SELECT {} FROM {}", columns, table);
    relation_ = base::Trim(text_.substr(begin, token_.offset - begin));
    return {};
  }

  // A file may stand without quotes, up to the next blank: a token is not all of it.
  Status File(CopyCommand& command) {
    const bool standard = Take("pstdout") || Take("pstdin");
    if (standard || Take("stdout") || Take("stdin")) {
      command.stream = standard ? CopyCommand::Stream::kStandard : CopyCommand::Stream::kStatements;
      return {};
    }
    const bool program = Take("program");
    if (token_.kind == TokenKind::kString) {
      command.file = (program ? "|" : "") + Unquoted(token_);
      Next();
      return {};
    }
    if (program || token_.kind == TokenKind::kEnd) return Expected("a string in single quotes");
    const auto end = std::min(text_.find_first_of(" \t\r\n", token_.offset), text_.size());
    command.file = text_.substr(token_.offset, end - token_.offset);
    while (token_.kind != TokenKind::kEnd && token_.offset < end) Next();
    return {};
  }

  Status Options(CopyOptions& options) {
    Take("with");
    const bool list = TakeSymbol('(');
    Given given;
    while (token_.kind != TokenKind::kEnd && !token_.IsSymbol(')')) {
      BERTH_TRY(Option(options, given));
      if (list && !TakeSymbol(',') && !token_.IsSymbol(')')) return Expected("a comma or \")\"");
    }
    if (list && !TakeSymbol(')')) return Expected("\")\"");
    options.delimiter = given.delimiter.value_or(options.csv ? ',' : '\t');
    options.null_text = given.null_text.value_or(options.csv ? "" : "\\N");
    options.quote = given.quote.value_or('"');
    options.escape = given.escape.value_or(options.quote);
    if (!options.csv && (given.quote || given.escape)) return Refused("QUOTE and ESCAPE are for csv");
    return {};
  }

  struct Given {
    std::optional<char> delimiter, quote, escape;
    std::optional<std::string> null_text;
  };

  static Error Refused(std::string message) {
    return Error{.code = ErrorCode::kInvalidArgument, .message = "\\copy: " + std::move(message)};
  }

  Result<char> Character(std::string_view name) {
    Take("as");
    const auto text = token_.kind == TokenKind::kString ? Unquoted(token_) : std::string();
    // E'\t' is how COPY's users write a tab.
    if (token_.kind == TokenKind::kString && token_.text.size() == 5 && base::ToLower(token_.text) == "e'\\t'") {
      Next();
      return '\t';
    }
    if (text.size() != 1) return Refused(fmt::format("{} takes one character in single quotes", name));
    Next();
    return text[0];
  }

  Status Option(CopyOptions& options, Given& given) {
    if (Take("format")) {
      if (!token_.IsWord("csv") && !token_.IsWord("text")) return Expected("csv or text");
      options.csv = token_.IsWord("csv");
      Next();
    } else if (Take("csv")) {
      options.csv = true;
    } else if (Take("header")) {
      options.header = !Take("false") && !Take("off");
      Take("true") || Take("on");
    } else if (Take("delimiter") || Take("delimiters")) {
      BERTH_ASSIGN(given.delimiter, Character("DELIMITER"));
    } else if (Take("quote")) {
      BERTH_ASSIGN(given.quote, Character("QUOTE"));
    } else if (Take("escape")) {
      BERTH_ASSIGN(given.escape, Character("ESCAPE"));
    } else if (Take("null")) {
      Take("as");
      if (token_.kind != TokenKind::kString) return Expected("a string in single quotes");
      given.null_text = Unquoted(token_);
      Next();
    } else {
      return Expected("FORMAT, CSV, HEADER, DELIMITER, NULL, QUOTE or ESCAPE");
    }
    return {};
  }

  std::string_view text_;
  std::string_view relation_;  // table and columns, as written; empty: it is a query
  parser::Scanner scanner_;
  Token token_;
};

}  // namespace

Result<CopyCommand> ReadCopyCommand(std::string_view text) {
  return Reader(text).Read();
}

}  // namespace berth::shell
