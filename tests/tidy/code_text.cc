#include "tidy/code_text.h"

namespace berth::tidy {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Walks over C++ and blanks what is not code.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text), out_(text) {}

  std::string Run() {
    while (at_ < text_.size()) Step();
    return std::move(out_);
  }

 private:
  bool Sees(std::string_view what) const { return text_.substr(at_, what.size()) == what; }
  char Before() const { return at_ == 0 ? '\n' : text_[at_ - 1]; }

  void Step() {
    if (Sees("//")) return BlankTo(text_.find('\n', at_));
    if (Sees("/*")) return BlankTo(After(text_.find("*/", at_ + 2), 2));
    if (Sees("#include")) {  // its name is code
      at_ = text_.find('\n', at_) == std::string_view::npos ? text_.size() : text_.find('\n', at_);
      return;
    }
    if (Sees("R\"")) return Raw();
    if (text_[at_] == '"') return Quoted('"');
    if (text_[at_] == '\'' && !IsNameCharacter(Before())) return Quoted('\'');  // not a digit separator
    ++at_;
  }

  void Raw() {
    const auto open = text_.find('(', at_);
    if (open == std::string_view::npos) return BlankTo(open);
    const auto close = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
    BlankTo(After(text_.find(close, open), close.size()));
  }

  void Quoted(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') end += text_[end] == '\\' ? 2 : 1;
    BlankTo(end + 1);
  }

  static std::size_t After(std::size_t found, std::size_t length) {
    return found == std::string_view::npos ? found : found + length;
  }
  void BlankTo(std::size_t end) {
    if (end > text_.size()) end = text_.size();
    for (; at_ < end; ++at_) {
      if (text_[at_] != '\n') out_[at_] = ' ';
    }
  }

  const std::string_view text_;
  std::string out_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string CodeOf(std::string_view text) {
  return Blanker(text).Run();
}

bool HasWord(std::string_view text, std::string_view word) {
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool tail = IsNameCharacter(word.front()) && at > 0 && IsNameCharacter(text[at - 1]);
    const auto end = at + word.size();
    const bool head = IsNameCharacter(word.back()) && end < text.size() && IsNameCharacter(text[end]);
    if (!tail && !head) return true;
  }
  return false;
}

}  // namespace berth::tidy
