#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "parser/redact_context.h"
#include "parser/secret_words.h"

namespace berth::parser {

struct ByteRange {
  std::size_t begin = 0, end = 0;
};

// Finds the value that belongs to a secret word from the bytes after the word alone, so that quotes which are opened or
// closed wrongly before it do not matter. Where a text can be read in two ways the longer value counts, and where a
// value is closed wrongly all that follows counts. `surroundings` as SurroundingsOf gives them.
class SecretValues {
 public:
  SecretValues(std::string_view text, const Surroundings& surroundings) : text_(text), surroundings_(surroundings) {}

  // What to mask for the word between the two offsets, in order; empty: nothing.
  std::vector<ByteRange> Of(SecretWord kind, std::size_t begin, std::size_t end) const;

 private:
  bool Is(std::size_t at, std::uint8_t bit) const { return at < text_.size() && (surroundings_.bits[at] & bit) != 0; }
  char At(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  bool StartsWith(std::size_t at, std::string_view head) const { return text_.substr(at, head.size()) == head; }
  std::string_view NameAt(std::size_t at) const;
  std::size_t SkipBlank(std::size_t at) const;
  std::size_t SkipSpace(std::size_t at) const;
  std::size_t SkipConnectors(std::size_t at, bool in_string, bool& equals) const;
  std::size_t RunEnd(std::size_t at) const;
  bool IsOptionAt(std::size_t at) const;
  std::optional<std::size_t> QuoteAt(std::size_t at, bool in_string) const;
  std::size_t StringEnd(std::size_t quote) const;
  bool IsEndOfString(std::size_t quote) const;
  std::vector<ByteRange> Strings(std::size_t quote) const;
  std::vector<ByteRange> Appended(std::size_t at) const;
  bool IsSetting(std::size_t begin, bool in_string) const;
  ByteRange StringWithin(std::size_t quote) const;
  std::optional<ByteRange> Bare(std::size_t at, bool equals) const;

  std::string_view text_;
  const Surroundings& surroundings_;
};

// The value of password=.. at `at`, in a URL or a list of settings: up to the next setting. What follows a separator
// and has no equals sign is taken for more of it. `quoted`: the list stands in a string or comment, whose end is its
// end.
ByteRange SettingValue(std::string_view text, std::size_t at, bool quoted);

}  // namespace berth::parser
