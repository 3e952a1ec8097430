#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "berth/error.h"
#include "parser/ast.h"

namespace berth::parser {

// Parses one of Berth's own statements (Classify said so); trailing semicolons, comments and a byte order mark are
// allowed. The only door to ANTLR: no generated header is included outside this layer, and no exception leaves it.
// Safe from many threads, which take turns (the runtime gets slower with threads). What is the warehouse's (the rest
// of CREATE TABLE, the body of a job) comes out byte for byte, without the white space before it and without the
// semicolons and comments behind its last token. Errors, all with a span and none with a secret: kSyntax with what
// was found, what would have been right there, and a hint (did you mean; replace the placeholder <..>; quote the
// name); kNotSupported for statements of the design that this version does not have yet; kInvalidArgument for NUL
// bytes, invalid UTF-8 and names that are empty or longer than kNameBytesMax; kLimitExceeded beyond
// kStatementBytesMax, and beyond 5,000 words (kWordsMax in words.h) that are not the warehouse's.
Result<Statement> Parse(std::string_view text);

inline constexpr std::size_t kStatementBytesMax = 16u << 20;  // 16 MiB, one of Berth's own statements
inline constexpr std::size_t kNameBytesMax = 127;             // as Redshift's identifiers

enum class PrintMode : std::uint8_t {
  kReadable,  // several lines, names quoted where needed
  kStable,    // one line, every name quoted: for storage
  kRedacted,  // as kReadable, with '********' for every literal secret
};
// Parse(Print(s)) == s in every mode but kRedacted; golden files and a fuzzer hold us to it.
std::string Print(const Statement& statement, PrintMode mode);

}  // namespace berth::parser
