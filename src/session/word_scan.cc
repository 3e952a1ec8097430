#include "session/word_scan.h"

#include <algorithm>

#include "base/strings.h"

namespace berth::session {
namespace {

bool StartsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool InWord(char c) {
  return StartsWord(c) || (c >= '0' && c <= '9') || c == '$';
}

// "$$" or "$tag$" at the start of `text`; "$1" is a parameter.
bool OpensDollarQuote(std::string_view text) {
  if (text.size() < 2 || text[0] != '$') return false;
  std::size_t i = 1;
  if (StartsWord(text[i])) {
    while (i < text.size() && InWord(text[i]) && text[i] != '$') ++i;
  }
  return i < text.size() && text[i] == '$';
}

}  // namespace

bool WordScan::Next() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (!unsure_ && Skip()) continue;
    if (StartsWord(c) || (c == '"' && !unsure_)) {
      first_ = begins_ || unsure_;
      begins_ = false;
      if (c == '"') {
        TakeQuoted();
      } else {
        TakeWord();
      }
      return true;
    }
    if (c >= '0' && c <= '9') {
      while (at_ < text_.size() && InWord(text_[at_])) ++at_;
      continue;
    }
    if (c == ';') begins_ = true;
    ++at_;
  }
  return false;
}

bool WordScan::dotted() const {
  const std::size_t next = text_.find_first_not_of(" \t\r\n", at_);
  return next != std::string_view::npos && text_[next] == '.';
}

bool WordScan::Skip() {
  const std::string_view rest = text_.substr(at_);
  if (rest.starts_with("--")) {
    at_ = std::min(text_.find('\n', at_), text_.size());
    return true;
  }
  if (rest.starts_with("/*")) {
    const std::size_t end = rest.find("*/", 2);
    unsure_ = end == std::string_view::npos || rest.substr(2, end - 2).find("/*") != std::string_view::npos;
    at_ += unsure_ ? 2 : end + 2;
    return true;
  }
  if (rest[0] == '\'') {  // '' inside is two strings side by side, which is as good
    const std::size_t end = rest.find('\'', 1);
    unsure_ = end == std::string_view::npos || rest.substr(0, end).find('\\') != std::string_view::npos;
    at_ += unsure_ ? 1 : end + 1;
    return true;
  }
  if (OpensDollarQuote(rest)) {
    unsure_ = true;
    ++at_;
    return true;
  }
  return false;
}

void WordScan::TakeWord() {
  const std::size_t start = at_;
  while (at_ < text_.size() && InWord(text_[at_])) ++at_;
  word_ = base::ToLower(text_.substr(start, at_ - start));
}

void WordScan::TakeQuoted() {
  word_.clear();
  for (++at_; at_ < text_.size(); ++at_) {
    if (text_[at_] == '"') {
      if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') {
        ++at_;
        return;
      }
      ++at_;
    }
    word_.push_back(text_[at_]);
  }
  unsure_ = true;
}

}  // namespace berth::session
