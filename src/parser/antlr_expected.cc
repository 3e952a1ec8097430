#include "parser/antlr_expected.h"

#include <algorithm>

#include "parser/antlr_grammar.h"

namespace berth::parser {
namespace {

using P = BerthParser;

constexpr std::size_t kTermsShown = 12;
constexpr std::string_view kValueTerm = "a value such as 'text', 10 or TRUE";

// Remembers the tree node of one word.
class NodeAt final : public antlr4::tree::ParseTreeListener {
 public:
  explicit NodeAt(std::size_t at) : at_(at) {}
  void visitTerminal(antlr4::tree::TerminalNode* node) override {
    if (node->getSymbol()->getTokenIndex() == at_) node_ = node;
  }
  void visitErrorNode(antlr4::tree::ErrorNode*) override {}
  void enterEveryRule(antlr4::ParserRuleContext*) override {}
  void exitEveryRule(antlr4::ParserRuleContext*) override {}

  // nullptr: the grammar needs to see more before it takes the word.
  antlr4::tree::TerminalNode* node() const { return node_; }

 private:
  std::size_t at_;
  antlr4::tree::TerminalNode* node_ = nullptr;
};

// The kinds of names, by the rule that stands above the word.
std::string_view NameTerm(std::size_t rule) {
  switch (rule) {
    case P::RuleConnectionName:
      return "a connection name";
    case P::RuleGroupName:
      return "a group name";
    case P::RuleSchemaName:
      return "a schema name";
    case P::RuleTablePart:
    case P::RuleFurtherTable:
      return "a table name";
    case P::RuleJobName:
      return "a job name or a string";
    case P::RuleSecretName:
      return "the name of a secret";
    case P::RuleUserName:
      return "a user name";
    case P::RuleKeyName:
      return "the id of an access key";
    case P::RuleSettingName:
      return "the name of a setting";
    case P::RuleOptionName:
      return "an option such as COMMENT = 'text'";
    default:
      return {};
  }
}

std::string_view SymbolTerm(std::size_t type, std::size_t parent_rule) {
  switch (type) {
    case P::String:
      return "a string in single quotes";
    case P::Number:
      return "a number";
    case P::DollarText:
      return parent_rule == P::RuleJobBody ? "a statement or $$ script $$" : "$$ text $$";
    case P::Tail:
      return parent_rule == P::RuleJobBody ? "a statement or $$ script $$" : "the columns in parentheses or AS query";
    case P::Equals:
      return "\"=\"";
    case P::Comma:
      return "a comma";
    case P::Dot:
      return "a dot";
    case P::LeftParen:
      return "\"(\"";
    case P::RightParen:
      return "\")\"";
    case P::Semicolon:
    case antlr4::Token::EOF:
      return "the end of the statement";
    default:
      return {};
  }
}

// What a word that was taken stands for: the outermost rule that begins with it and has a term of its own.
std::string_view TermOf(std::size_t type, antlr4::tree::TerminalNode& node) {
  const std::size_t at = node.getSymbol()->getTokenIndex();
  auto& parent = static_cast<antlr4::ParserRuleContext&>(*node.parent);
  std::string_view term;
  auto* tree = &parent;
  while (tree->getStart()->getTokenIndex() == at) {
    if (tree->getRuleIndex() == P::RuleValue) return kValueTerm;
    if (tree->getRuleIndex() == P::RuleUnit && term.empty()) term = "a unit such as SECONDS";
    if (const auto name = NameTerm(tree->getRuleIndex()); !name.empty()) term = name;
    if (tree->parent == nullptr) break;
    tree = static_cast<antlr4::ParserRuleContext*>(tree->parent);
  }
  if (parent.getRuleIndex() == P::RuleName && term.empty()) return NameTerm(P::RuleFurtherTable);
  return term.empty() ? SymbolTerm(type, parent.getRuleIndex()) : term;
}

void AddOnce(std::vector<std::string>& terms, std::string_view term) {
  if (term.empty() || std::find(terms.begin(), terms.end(), term) != terms.end()) return;
  terms.emplace_back(term);
}

void Add(Expected& expected, std::size_t type, antlr4::tree::TerminalNode* node) {
  const auto keyword = KeywordText(type);
  const auto term = node == nullptr ? std::string_view() : TermOf(type, *node);
  if (!keyword.empty() && term.empty()) {
    expected.keywords.push_back(keyword);
  } else {
    AddOnce(expected.terms, term);
  }
  if (type == P::Dot && node != nullptr) {
    const auto* parent = static_cast<antlr4::ParserRuleContext*>(node->parent);
    expected.table_dot = parent->getRuleIndex() == P::RuleTableName;
  }
}

// The end comes last, and a comma that may as well be left out is not worth a word.
void Tidy(Expected& expected) {
  auto& terms = expected.terms;
  const auto has = [&](std::string_view term) { return std::find(terms.begin(), terms.end(), term) != terms.end(); };
  const auto take = [&](std::string_view term) { return std::erase(terms, term) > 0; };
  const std::string_view end = SymbolTerm(antlr4::Token::EOF, 0);
  if (take(end)) terms.emplace_back(end);
  expected.option = has(NameTerm(P::RuleOptionName));
  if (expected.option) take(SymbolTerm(P::Comma, 0));
  expected.string = expected.Only(SymbolTerm(P::String, 0));
  expected.value = has(kValueTerm);
  expected.name = std::any_of(terms.begin(), terms.end(), [](const auto& term) { return term.ends_with(" name"); });
}

}  // namespace

std::string Expected::Text() const {
  std::vector<std::string_view> all(keywords.begin(), keywords.end());
  all.insert(all.end(), terms.begin(), terms.end());
  const std::size_t shown = std::min(all.size(), kTermsShown);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += i + 1 == all.size() ? " or " : ", ";
    text += all[i];
  }
  return shown < all.size() ? text + ", ..." : text;
}

Expected ExpectedAt(const std::vector<Word>& words, std::size_t at) {
  std::vector<std::size_t> types;
  for (std::size_t i = 0; i < at; ++i) types.push_back(words[i].type);
  types.push_back(0);
  types.push_back(antlr4::Token::EOF);
  Expected expected;
  const auto attempt = [&](std::size_t type) {
    types[at] = type;
    NodeAt listener(at);
    Grammar grammar(types);
    grammar.AddListener(&listener);
    if (grammar.Run() == nullptr && grammar.failed_at() <= at) return;
    Add(expected, type, listener.node());
  };
  for (std::size_t type = 1; type < P::Other; ++type) attempt(type);
  attempt(antlr4::Token::EOF);
  Tidy(expected);
  return expected;
}

}  // namespace berth::parser
