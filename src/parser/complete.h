#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth::parser {

// What may come next in one of Berth's own statements.
struct NextWords {
  std::vector<std::string> keywords;  // in upper case
  bool connection = false;            // the name of a connection
  bool schema = false, table = false, job = false, secret = false, setting = false;
  bool option = false;  // of a connection or a job
  bool empty() const {
    return keywords.empty() && !connection && !schema && !table && !job && !secret && !setting && !option;
  }
};

// `text`: a statement from its beginning up to where the next word would stand. Empty: it is none of Berth's own, or
// nothing that is known can follow. Asks the grammar once for each kind of word, which takes some milliseconds at most;
// longer texts than kCompletedBytesMax are not looked at. Safe from many threads, which take turns with Parse.
NextWords WhatMayFollow(std::string_view text);

inline constexpr std::size_t kCompletedBytesMax = 16 * 1024;

}  // namespace berth::parser
