#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "parser/words.h"

namespace berth::parser {

// What may stand at a place of a statement, in human terms.
struct Expected {
  std::vector<std::string_view> keywords;  // as keywords; those that could only be a name are not here
  std::vector<std::string> terms;          // "a connection name", "=", "a value such as ..", each once
  bool string = false;                     // a string, and nothing else
  bool value = false;                      // a value of an option
  bool option = false;                     // an option
  bool name = false;                       // a name of a connection, schema, table or job
  bool table_dot = false;                  // the dot in c.schema.table

  bool Only(std::string_view term) const { return keywords.empty() && terms.size() == 1 && terms[0] == term; }
  // "SET, UNSET or RENAME".
  std::string Text() const;
};

// Tries each type of word at words[at] behind those before it. This asks the grammar itself, whatever lookahead its
// decisions need, and costs less than a millisecond for a statement of usual length.
Expected ExpectedAt(const std::vector<Word>& words, std::size_t at);

}  // namespace berth::parser
