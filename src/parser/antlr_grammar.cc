#include "parser/antlr_grammar.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>

namespace berth::parser {
namespace {

class TypeSource final : public antlr4::TokenSource {
 public:
  explicit TypeSource(const std::vector<std::size_t>& types) : types_(types) {}

  std::unique_ptr<antlr4::Token> nextToken() override {
    const std::size_t type = at_ < types_.size() ? types_[at_++] : antlr4::Token::EOF;
    return std::make_unique<antlr4::CommonToken>(type);
  }
  std::size_t getLine() const override { return 1; }
  std::size_t getCharPositionInLine() override { return at_; }
  antlr4::CharStream* getInputStream() override { return nullptr; }
  std::string getSourceName() override { return "statement"; }
  antlr4::TokenFactory<antlr4::CommonToken>* getTokenFactory() override {
    return antlr4::CommonTokenFactory::DEFAULT.get();
  }

 private:
  const std::vector<std::size_t>& types_;
  std::size_t at_ = 0;
};

struct Stop {
  std::size_t at;
};

// Nothing is repaired: the first word that does not fit ends the run.
class StopAtFirst final : public antlr4::DefaultErrorStrategy {
 public:
  void sync(antlr4::Parser*) override {}
  void reportError(antlr4::Parser*, const antlr4::RecognitionException& e) override {
    throw Stop{e.getOffendingToken()->getTokenIndex()};
  }
  antlr4::Token* recoverInline(antlr4::Parser* parser) override {
    throw Stop{parser->getCurrentToken()->getTokenIndex()};
  }
};

struct KeywordTable {
  std::unordered_map<std::string_view, std::size_t> types;
  std::vector<std::string> texts;  // by type
  std::size_t longest = 0;
};

bool IsKeywordName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// BerthLexer.g4 writes keywords in capitals and every other token in mixed case.
KeywordTable MakeKeywordTable() {
  const std::vector<std::size_t> none;
  TypeSource source(none);
  antlr4::CommonTokenStream tokens(&source);
  const BerthParser parser(&tokens);
  const auto& vocabulary = parser.getVocabulary();
  KeywordTable table;
  table.texts.resize(vocabulary.getMaxTokenType() + 1);
  for (std::size_t type = 1; type < table.texts.size(); ++type) {
    std::string name = vocabulary.getSymbolicName(type);
    if (IsKeywordName(name)) table.texts[type] = std::move(name);
  }
  for (std::size_t type = 1; type < table.texts.size(); ++type) {
    if (table.texts[type].empty()) continue;
    table.types.emplace(table.texts[type], type);
    table.longest = std::max(table.longest, table.texts[type].size());
  }
  return table;
}

const KeywordTable& Keywords() {
  static const KeywordTable kTable = MakeKeywordTable();
  return kTable;
}

}  // namespace

Grammar::Grammar(const std::vector<std::size_t>& types)
    : source_(std::make_unique<TypeSource>(types)), tokens_(source_.get()), parser_(&tokens_) {
  parser_.removeErrorListeners();
  parser_.setErrorHandler(std::make_shared<StopAtFirst>());
  // The grammar has no decision that needs more than SLL, which is the faster one.
  parser_.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(antlr4::atn::PredictionMode::SLL);
}

Grammar::~Grammar() = default;

BerthParser::EntryContext* Grammar::Run() {
  try {
    return parser_.entry();
  } catch (const Stop& stop) {
    failed_at_ = stop.at;
    return nullptr;
  }
}

void Grammar::AddListener(antlr4::tree::ParseTreeListener* listener) {
  parser_.addParseListener(listener);
}

const std::size_t* KeywordType(std::string_view word) {
  const auto& table = Keywords();
  std::array<char, 32> upper{};
  if (word.size() > table.longest || table.longest > upper.size()) return nullptr;
  std::transform(word.begin(), word.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  const auto found = table.types.find(std::string_view(upper.data(), word.size()));
  return found == table.types.end() ? nullptr : &found->second;
}

std::string_view KeywordText(std::size_t type) {
  const auto& texts = Keywords().texts;
  return type < texts.size() ? std::string_view(texts[type]) : std::string_view();
}

}  // namespace berth::parser
