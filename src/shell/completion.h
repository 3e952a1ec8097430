#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace berth::shell {

// What there is to complete with, as it was when it was fetched.
struct Names {
  struct Relation {
    std::string schema, name;
    bool visible = false;  // is found without its schema's name
    std::vector<std::string> columns;
  };
  std::vector<std::string> connections, jobs, secrets;
  std::vector<std::string> options;  // of connections
  std::vector<Relation> relations;   // of the connection in use, by schema and name
};

struct Completions {
  std::size_t begin = 0;           // the byte where the word to be completed begins
  std::vector<std::string> words;  // what it may become, sorted
};

// What may stand where `text` ends: the statement (or backslash command) so far, up to the cursor. Pure.
Completions Complete(std::string_view text, const Names& names);

// The longest beginning that all have in common.
std::string CommonPrefix(const std::vector<std::string>& words);

}  // namespace berth::shell
