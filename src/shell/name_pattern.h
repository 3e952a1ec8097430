#pragma once

#include <string>
#include <string_view>

namespace berth::shell {

// psql's pattern of \d and its kin: name or schema.name, * and ? as in file names, folded to lower case outside double
// quotes. Both parts are regular expressions for the whole name; empty: any.
struct NamePattern {
  std::string schema;
  std::string name;
};
NamePattern ReadNamePattern(std::string_view pattern);

}  // namespace berth::shell
