#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berth::parser {

struct Piece {
  enum class Kind : std::uint8_t { kStatement, kMetaCommand };
  Kind kind = Kind::kStatement;
  std::string text;       // without the semicolon, leading white space and leading comments; a meta command with its backslash, to the end of the line
  std::size_t line = 1;   // of its first byte, from 1
  bool terminated = true; // false: the input ended before a semicolon
};

// What is open at the end of the text so far; a shell's prompt shows it.
enum class OpenQuote : std::uint8_t { kNone, kStatement, kSingle, kDouble, kDollar, kComment, kParenthesis };

// Cuts a script into statements exactly as psql 15 does (psqlscan.l): quotes, E'', U&'', dollar quotes, nested comments,
// parentheses, BEGIN ATOMIC bodies, byte order mark, CRLF. Pull style: feed bytes as they come, take pieces while there
// are any; memory does not grow beyond the longest statement and the chunk fed. One thread at a time.
class Splitter {
 public:
  struct Options {
    bool meta_commands = false;  // a backslash outside quotes starts a meta command, as in psql
  };
  explicit Splitter(Options options) : options_(options) {}

  // Redshift reads '\' as an escape in plain strings; counts for what has not been scanned yet.
  void SetBackslashEscapes(bool on) { backslash_escapes_ = on; }

  void Feed(std::string_view bytes);
  void Finish();  // no more input: the rest is a piece of its own
  // nullopt: more input is needed, or all is done. Empty statements are not returned.
  std::optional<Piece> Next();

  OpenQuote open() const;
  void Reset();  // forgets what is pending (Ctrl-C at the prompt); line numbers go on

 private:
  // The implementer's.
  Options options_;
  bool backslash_escapes_ = false;
};

}  // namespace berth::parser
