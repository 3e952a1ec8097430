#include "shell/prompt.h"

#include "shell/text_width.h"

namespace berth::shell {
namespace {

std::string_view OpenMark(parser::OpenQuote open, bool has_connection) {
  switch (open) {
    case parser::OpenQuote::kNone:
      return has_connection ? "=" : "";
    case parser::OpenQuote::kStatement:
      return "-";
    case parser::OpenQuote::kSingle:
      return "'";
    case parser::OpenQuote::kDouble:
      return "\"";
    case parser::OpenQuote::kDollar:
      return "$";
    case parser::OpenQuote::kComment:
      return "*";
    case parser::OpenQuote::kParenthesis:
      return "(";
  }
  return "";
}

std::string_view TransactionMark(TransactionState transaction) {
  switch (transaction) {
    case TransactionState::kNone:
      return "";
    case TransactionState::kWarehouse:
    case TransactionState::kCatalog:
      return "*";
    case TransactionState::kFailedWarehouse:
    case TransactionState::kFailedCatalog:
      return "!";
  }
  return "";
}

}  // namespace

std::string Prompt(const ConversationState& state, parser::OpenQuote open, bool runs) {
  const bool has_connection = !state.connection.empty();
  std::string prompt = has_connection ? DisplayOneLine(state.connection) : "berth";
  prompt += runs || open != parser::OpenQuote::kNone ? OpenMark(open, has_connection) : "@";
  prompt += TransactionMark(state.transaction);
  return prompt + "> ";
}

}  // namespace berth::shell
