#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "berth/error.h"

namespace berth::shell {

// What --set and \set gave: ${NAME} in statements, and psql's :NAME :'NAME' :"NAME". Without any --set or \set nothing
// is read as ${NAME}: such a text is sent as it is.
class Variables {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;

  // Names are [A-Za-z_][A-Za-z0-9_]*. Errors: kInvalidArgument.
  Status Set(std::string_view name, std::string_view value);
  // As Set, for what the shell itself notes (ROW_COUNT): it does not make texts be read for ${NAME}.
  void Note(std::string name, std::string value) { values_.insert_or_assign(std::move(name), std::move(value)); }
  void Unset(std::string_view name);
  const std::string* Find(std::string_view name) const;  // nullptr: not set
  const Map& all() const { return values_; }
  // `text` begins with ":{?NAME}", psql's question whether NAME is set: how long that is and what stands in its place.
  struct SetTest {
    std::size_t length;
    std::string_view value;
  };
  std::optional<SetTest> IsSetTest(std::string_view text) const;

  // Asked for ${NAME}s that are not set, such as those of the environment.
  void SetFallback(std::function<std::optional<std::string>(const std::string& name)> fallback) {
    fallback_ = std::move(fallback);
    given_ = true;
  }

  // ${NAME} everywhere, in quotes and comments too, text for text: an unknown name is kInvalidArgument, with its span.
  // Of a run of dollars before the brace, pairs are dollar quotes ($${x}$$ holds no variable, $$${x}$$ does).
  Result<std::string> ReplaceBraces(std::string_view text) const;
  // As ReplaceBraces, then :NAME as psql: outside quotes and comments, and left as it is where no such variable is set.
  Result<std::string> Replace(std::string_view text, bool backslash_escapes) const;

 private:
  std::string ReplaceColons(std::string_view text, bool backslash_escapes) const;

  Map values_;
  bool given_ = false;
  std::function<std::optional<std::string>(const std::string&)> fallback_;
};

// :'NAME': the value as a literal. Where plain strings know escapes its backslashes are doubled.
std::string LiteralOf(std::string_view value, bool backslash_escapes);

}  // namespace berth::shell
