#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace berth::session {

// The words of a text in order: bare names in lower case, quoted ones as they are. Strings and comments are left out as
// long as it is certain where they end in every dialect; from the first one that is not (a backslash, a dollar quote, a
// comment in a comment, no end) everything is code.
class WordScan {
 public:
  explicit WordScan(std::string_view text) : text_(text) {}

  bool Next();  // false: no more words
  const std::string& word() const { return word_; }
  bool first() const { return first_; }    // begins a statement, or may do so
  bool unsure() const { return unsure_; }  // everything is code from here on
  bool dotted() const;                     // a dot follows, with nothing but blanks before it

 private:
  bool Skip();  // a string or comment at at_; false: there is none
  void TakeWord();
  void TakeQuoted();

  std::string_view text_;
  std::size_t at_ = 0;
  std::string word_;
  bool begins_ = true;
  bool first_ = false;
  bool unsure_ = false;
};

}  // namespace berth::session
