#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "BerthParser.h"

// One run of the generated parser over the types of a statement's words. Only parser/*.cc see this header. The runtime
// is not to be used by two threads at once (it would only get slower): callers hold the lock in parse.cc.
namespace berth::parser {

class Grammar {
 public:
  // `types` ends with antlr4::Token::EOF.
  explicit Grammar(const std::vector<std::size_t>& types);
  Grammar(const Grammar&) = delete;
  Grammar& operator=(const Grammar&) = delete;
  ~Grammar();

  // The tree, which lives as long as this object, or nullptr: the word at failed_at() cannot follow those before it.
  BerthParser::EntryContext* Run();
  std::size_t failed_at() const { return failed_at_; }

  // Hears of each word as it is taken. To be called before Run; the listener outlives this object.
  void AddListener(antlr4::tree::ParseTreeListener* listener);

 private:
  std::unique_ptr<antlr4::TokenSource> source_;
  antlr4::CommonTokenStream tokens_;
  BerthParser parser_;
  std::size_t failed_at_ = 0;
};

// The token type of a keyword; nullptr: it is none. In any case.
const std::size_t* KeywordType(std::string_view word);
// "CREATE" for BerthParser::CREATE; empty for what is no keyword.
std::string_view KeywordText(std::size_t type);

}  // namespace berth::parser
