#include <string>
#include <utility>

#include "base/strings.h"
#include "parser/antlr_build.h"
#include "parser/parse.h"

namespace berth::parser {

Span ToSpan(const Token& token) {
  Span span;
  static_cast<SourceSpan&>(span) = SpanOf(token);
  return span;
}

std::string StringText(const Token& token) {
  const auto inside = token.Inside();
  std::string text;
  text.reserve(inside.size());
  for (std::size_t i = 0; i < inside.size(); ++i) {
    text += inside[i];
    if (inside[i] == '\'') ++i;  // always doubled
  }
  return text;
}

Value StringOf(const Token& token) {
  return {.form = ValueForm::kString, .text = StringText(token), .unit = {}, .list = {}, .span = ToSpan(token)};
}

Value DurationOf(const Token& number, const Token& unit) {
  Value value{.form = ValueForm::kDuration, .text = std::string(number.text), .unit = base::ToLower(unit.text)};
  if (value.unit.ends_with('s')) value.unit.pop_back();
  value.span = ToSpan(number);
  value.span.length = static_cast<std::uint32_t>(unit.offset + unit.text.size() - number.offset);
  return value;
}

// A job that lives elsewhere may be named by a string, which is taken as it is.
Identifier Builder::NameOf(antlr4::ParserRuleContext* tree) {
  const Token& token = TokenOf(tree->getStart());
  Identifier name{.name = token.kind == TokenKind::kString ? StringText(token) : token.Name(), .span = ToSpan(token)};
  if (error_) return name;
  if (name.name.empty()) {
    error_ = Error{.code = ErrorCode::kInvalidArgument,
                   .message = "a name must not be empty",
                   .hint = "A name has 1 to " + std::to_string(kNameBytesMax) + " bytes.",
                   .span = name.span};
  } else if (name.name.size() > kNameBytesMax) {
    error_ = Error{.code = ErrorCode::kInvalidArgument,
                   .message = "a name of " + std::to_string(name.name.size()) + " bytes is too long",
                   .hint = "A name has 1 to " + std::to_string(kNameBytesMax) + " bytes.",
                   .span = name.span};
  }
  return name;
}

Identifier Builder::OptionNameOf(antlr4::ParserRuleContext* tree) {
  Identifier name = NameOf(tree);
  name.name = base::ToUpper(name.name);
  return name;
}

Option Builder::OptionOf(P::OptionContext& tree) {
  return {.name = OptionNameOf(tree.optionName()), .value = ValueOf(*tree.value())};
}

std::vector<Option> Builder::OptionsOf(P::OptionListContext& tree) {
  std::vector<Option> options;
  for (auto* option : tree.option()) options.push_back(OptionOf(*option));
  return options;
}

AlterConnectionSet Builder::SetOf(const std::vector<P::SetClauseContext*>& clauses) {
  AlterConnectionSet change;
  for (auto* clause : clauses) {
    change.options.push_back(OptionOf(*clause->option()));
    for (auto& option : OptionsOf(*clause->optionList())) change.options.push_back(std::move(option));
  }
  return change;
}

AlterConnectionUnset Builder::UnsetOf(P::UnsetClauseContext& clause) {
  AlterConnectionUnset change;
  for (auto* name : clause.optionName()) change.options.push_back(OptionNameOf(name));
  return change;
}

Value Builder::ValueOf(P::ValueContext& tree) {
  Value value;
  const Token& first = TokenOf(tree.getStart());
  const Token& last = TokenOf(tree.getStop());
  value.span.offset = static_cast<std::uint32_t>(first.offset);
  value.span.length = static_cast<std::uint32_t>(last.offset + last.text.size() - first.offset);
  const auto string = [&](ValueForm form) {
    value.form = form;
    value.text = StringText(last);
  };
  switch (tree.getStart()->getType()) {
    case P::String:
      string(ValueForm::kString);
      break;
    case P::Minus:
      value.form = ValueForm::kNumber;
      value.text = "-" + std::string(last.text);
      break;
    case P::Number:
      if (tree.unit() != nullptr) return DurationOf(first, last);
      value.form = ValueForm::kNumber;
      value.text = std::string(first.text);
      break;
    case P::TRUE:
    case P::FALSE:
      value.form = ValueForm::kBoolean;
      value.text = base::ToLower(first.text);
      break;
    case P::SECRET:
      value.form = ValueForm::kSecret;
      value.text = NameOf(tree.secretName()).name;
      break;
    case P::ENV:
      string(ValueForm::kEnv);
      break;
    case P::FILE:
      string(ValueForm::kFile);
      break;
    case P::COMMAND:
      string(ValueForm::kCommand);
      break;
    case P::TIMESTAMP:
      string(ValueForm::kTimestamp);
      break;
    case P::PROMPT:
      value.form = ValueForm::kPrompt;
      break;
    case P::LeftParen:
      value.form = ValueForm::kList;
      for (auto* item : tree.String()) value.list.push_back(StringText(TokenOf(item)));
      break;
    default:
      value.form = ValueForm::kIdentifier;
      value.text = NameOf(tree.valueName()).name;
      break;
  }
  return value;
}

TableName Builder::TableOf(P::TableNameContext& tree) {
  return {.connection = NameOf(tree.connectionName()),
          .schema = NameOf(tree.schemaName()),
          .table = NameOf(tree.tablePart())};
}

std::optional<std::string> Builder::PatternOf(P::LikeContext* tree) {
  if (tree == nullptr) return std::nullopt;
  return StringText(TokenOf(tree->String()));
}

DropBehavior Builder::BehaviorOf(P::DropBehaviorContext* tree) {
  if (tree == nullptr) return DropBehavior::kDefault;
  return tree->CASCADE() != nullptr ? DropBehavior::kCascade : DropBehavior::kRestrict;
}

std::string Builder::DollarTextOf(antlr4::tree::TerminalNode* node, Span& span) const {
  const Token& token = TokenOf(node);
  const auto inside = token.Inside();
  span.offset = static_cast<std::uint32_t>(token.offset + static_cast<std::size_t>(inside.data() - token.text.data()));
  span.length = static_cast<std::uint32_t>(inside.size());
  return std::string(inside);
}

}  // namespace berth::parser
