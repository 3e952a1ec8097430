#include "parser/splitter.h"

#include <algorithm>

#include "base/strings.h"

namespace berth::parser {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view WithoutTrailingSpace(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || (text.back() >= '\t' && text.back() <= '\r'))) text.remove_suffix(1);
  return text;
}

}  // namespace

void Splitter::Feed(std::string_view bytes) {
  // What has been given out is dropped here and nowhere else, so that taking many pieces of one chunk moves nothing.
  std::size_t drop = at_;
  if (started_) {
    drop = begin_;
  } else if (state_ == State::kMetaCommand) {
    drop = token_;
  }
  AdvanceLine(drop);
  buffer_.erase(0, drop);
  at_ -= drop;
  counted_ -= drop;
  begin_ -= std::min(begin_, drop);
  token_ -= std::min(token_, drop);
  buffer_ += bytes;
}

void Splitter::Finish() {
  finished_ = true;
}

std::optional<Piece> Splitter::Next() {
  if (!SkipByteOrderMark()) return std::nullopt;
  for (;;) {
    switch (Run()) {
      case Step::kGoOn:
        break;
      case Step::kStatementEnd: {
        const bool empty = !significant_;
        auto piece = TakePiece(at_ - 1, true);
        if (!empty) return piece;
        break;
      }
      case Step::kMetaCommandEnd:
        return TakeMetaCommand();
      case Step::kMore:
        if (!finished_) return std::nullopt;
        if (state_ == State::kMetaCommand) return TakeMetaCommand();
        return TakePending();
    }
  }
}

std::optional<Piece> Splitter::TakePending() {
  if (!significant_) {
    DropPending();
    return std::nullopt;
  }
  auto piece = TakePiece(at_, false);
  return piece;
}

void Splitter::DropPending() {
  if (started_) begin_ = at_;
  ForgetStatement();
}

std::string_view Splitter::PendingText() const {
  return significant_ ? std::string_view(buffer_).substr(begin_, at_ - begin_) : std::string_view();
}

OpenQuote Splitter::open() const {
  if (state_ == State::kString) return OpenQuote::kSingle;
  if (state_ == State::kQuotedName) return OpenQuote::kDouble;
  if (state_ == State::kDollarString) return OpenQuote::kDollar;
  if (state_ == State::kComment) return OpenQuote::kComment;
  if (parentheses_ > 0) return OpenQuote::kParenthesis;
  return started_ ? OpenQuote::kStatement : OpenQuote::kNone;
}

void Splitter::Reset() {
  AdvanceLine(buffer_.size());
  buffer_.clear();
  at_ = begin_ = counted_ = token_ = 0;
  ForgetStatement();
}

// False: not enough bytes yet to know.
bool Splitter::SkipByteOrderMark() {
  if (byte_order_mark_looked_for_) return true;
  const auto head = std::string_view(buffer_).substr(0, kByteOrderMark.size());
  if (head.size() < kByteOrderMark.size() && head == kByteOrderMark.substr(0, head.size()) && !finished_) return false;
  if (head == kByteOrderMark) at_ = kByteOrderMark.size();
  byte_order_mark_looked_for_ = true;
  return true;
}

void Splitter::AdvanceLine(std::size_t to) {
  if (to <= counted_) return;
  const auto* bytes = buffer_.data();
  line_ += static_cast<std::size_t>(std::count(bytes + counted_, bytes + to, '\n'));
  counted_ = to;
}

// The byte at at_ belongs to the pending statement.
void Splitter::Begin() {
  if (started_) return;
  started_ = true;
  begin_ = at_;
  AdvanceLine(begin_);
  piece_line_ = line_;
}

void Splitter::ForgetStatement() {
  state_ = State::kNormal;
  started_ = significant_ = escaping_ = false;
  after_string_ = StringKind::kNone;
  parentheses_ = begin_depth_ = words_ = 0;
}

Piece Splitter::TakePiece(std::size_t end, bool terminated) {
  auto text = std::string_view(buffer_).substr(begin_, end - begin_);
  const bool quoted = state_ == State::kString || state_ == State::kQuotedName || state_ == State::kDollarString;
  if (!terminated && !quoted) text = WithoutTrailingSpace(text);
  Piece piece{.text = std::string(text), .line = piece_line_, .terminated = terminated};
  ForgetStatement();
  return piece;
}

// From token_ to at_, which stands at the line's end; the statement before it, if there is one, closes ranks.
Piece Splitter::TakeMetaCommand() {
  AdvanceLine(token_);
  const auto text = WithoutTrailingSpace(std::string_view(buffer_).substr(token_, at_ - token_));
  Piece piece{.kind = Piece::Kind::kMetaCommand, .text = std::string(text), .line = line_};
  if (started_) {
    buffer_.erase(token_, at_ - token_);
    at_ = token_;
  }
  state_ = State::kNormal;
  return piece;
}

// As psql: CREATE [OR REPLACE] FUNCTION|PROCEDURE makes BEGIN, CASE and END count, so that the semicolons of a body
// that is not quoted do not end the statement.
void Splitter::TrackWord(std::string_view word) {
  static constexpr std::string_view kHeads[] = {"create", "or", "replace", "function", "procedure"};
  if (parentheses_ > 0) return;
  if (words_ == 0) first_words_ = {};
  if (words_ < first_words_.size()) {
    for (const auto head : kHeads) {
      if (base::EqualsIgnoreCase(word, head)) first_words_[words_] = head[0];
    }
  }
  ++words_;
  if (first_words_[0] != 'c') return;
  const auto routine = [&](std::size_t i) { return first_words_[i] == 'f' || first_words_[i] == 'p'; };
  if (!routine(1) && !(first_words_[1] == 'o' && first_words_[2] == 'r' && routine(3))) return;
  if (base::EqualsIgnoreCase(word, "begin")) {
    ++begin_depth_;
  } else if (base::EqualsIgnoreCase(word, "case")) {
    if (begin_depth_ > 0) ++begin_depth_;
  } else if (base::EqualsIgnoreCase(word, "end")) {
    if (begin_depth_ > 0) --begin_depth_;
  }
}

}  // namespace berth::parser
