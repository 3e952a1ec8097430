#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berth::parser {

struct Piece {
  enum class Kind : std::uint8_t { kStatement, kMetaCommand };
  Kind kind = Kind::kStatement;
  // A statement: byte for byte, without the semicolon, without leading white space and leading `--` comments (a leading
  // /* comment */ stays, as in psql). A meta command: from its backslash to the end of the line.
  std::string text;
  std::size_t line = 1;    // of its first byte, from 1
  bool terminated = true;  // false: no semicolon came
};

// What is open at the end of the text so far; a shell's prompt shows it.
enum class OpenQuote : std::uint8_t { kNone, kStatement, kSingle, kDouble, kDollar, kComment, kParenthesis };

// Cuts a script into statements exactly as psql 15 does (psqlscan.l): quotes, E'', U&'', dollar quotes, nested
// comments, parentheses, BEGIN ATOMIC bodies, byte order mark, CRLF. Pull style: feed bytes as they come, take pieces
// while there are any; memory does not grow beyond the longest statement and the chunk fed, and no byte is read twice.
// One thread at a time. Where psql differs it is on purpose: variables (:name) are not replaced, COPY .. FROM STDIN has
// no data lines, empty lines inside a statement stay, and E'a' <newline> 'b\'c' is one string, as it is for the server.
class Splitter {
 public:
  struct Options {
    bool meta_commands =
        false;  // a backslash outside quotes starts a meta command, as in psql; `\;` is a mere semicolon
  };
  explicit Splitter(Options options) : options_(options) {}

  // Redshift reads '\' as an escape in plain strings; counts for strings that begin in what has not been scanned yet.
  void SetBackslashEscapes(bool on) { backslash_escapes_ = on; }

  void Feed(std::string_view bytes);
  void Finish();  // no more input: the rest is a piece of its own
  // nullopt: more input is needed, or all is done. Empty statements are not returned. A meta command leaves the
  // statement that stands before it pending: Next goes on with it, TakePending takes it (\g), DropPending forgets it
  // (\r).
  std::optional<Piece> Next();

  // Of the statement that has begun and not ended, up to where Next has read.
  bool pending() const { return significant_; }
  std::optional<Piece> TakePending();  // nullopt: nothing is
  void DropPending();
  std::string_view PendingText() const;  // as TakePending would give it; until the next call

  OpenQuote open() const;
  std::size_t buffer_capacity() const { return buffer_.capacity(); }  // bytes held
  void Reset();  // forgets all that was fed (Ctrl-C at the prompt); line numbers go on

 private:
  enum class State : std::uint8_t {
    kNormal,
    kWord,
    kNumber,
    kParameter,
    kJunk,  // letters right after a number
    kDollarTag,
    kLineComment,
    kComment,
    kString,
    kQuotedName,
    kDollarString,
    kMetaCommand,
  };
  enum class StringKind : std::uint8_t { kNone, kPlain, kEscaped, kBits };
  enum class Step : std::uint8_t { kGoOn, kMore, kStatementEnd, kMetaCommandEnd };

  Step Run();
  Step Normal();
  Step Special(char c);
  Step Word();
  Step Number();
  Step Parameter();
  Step Junk();
  Step DollarTag();
  Step LineComment();
  Step Comment();
  Step String();
  Step QuotedName();
  Step DollarString();
  Step MetaCommand();
  Step Backslash();

  bool Has(std::size_t count) const { return at_ + count <= buffer_.size(); }
  bool SkipByteOrderMark();
  void Begin();
  void BeginToken(State state);
  void OpenString(StringKind kind);
  void TrackWord(std::string_view word);
  void ForgetStatement();
  void AdvanceLine(std::size_t to);
  Piece TakePiece(std::size_t end, bool terminated);
  Piece TakeMetaCommand();

  Options options_;
  bool backslash_escapes_ = false;
  bool finished_ = false;
  bool byte_order_mark_looked_for_ = false;

  std::string buffer_;       // what has been fed and not yet been given out
  std::size_t at_ = 0;       // scanned so far
  std::size_t begin_ = 0;    // of the pending statement, once started_
  std::size_t counted_ = 0;  // line_ is the line of this byte
  std::size_t line_ = 1;
  std::size_t piece_line_ = 1;

  State state_ = State::kNormal;
  bool started_ = false;      // the pending statement holds bytes, perhaps only a comment
  bool significant_ = false;  // .. and more than comments
  std::size_t token_ = 0;     // where the word, number, tag or meta command under way began
  std::size_t parentheses_ = 0;
  std::size_t comment_depth_ = 0;
  std::string dollar_tag_;  // $tag$
  std::size_t dollar_matched_ = 0;

  StringKind string_ = StringKind::kNone;
  bool escaping_ = false;                        // the byte before was an escaping backslash
  StringKind after_string_ = StringKind::kNone;  // a string has just ended and may go on
  bool after_string_gap_ = false;                // .. white space came since
  bool after_string_newline_ = false;            // .. with a newline in it

  std::array<char, 4> first_words_{};  // initials of CREATE OR REPLACE FUNCTION PROCEDURE among the first four words
  std::size_t words_ = 0;
  std::size_t begin_depth_ = 0;
};

}  // namespace berth::parser
