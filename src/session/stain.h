#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "session/session.h"

namespace berth::session {

// What can be told of a text before the server has seen it. Read word by word, not parsed: where strings or comments
// make it unclear what is code, everything counts as code, so the answer may be worse than the truth, never better.
struct TextFacts {
  Stain stain = Stain::kNone;
  bool stored_tables = false;         // it has CREATE TABLE, and each names a schema that is not the session's own
  bool commits = false;               // may commit even within a transaction: COMMIT, END, CALL, DO
  bool reads_only = true;             // every statement begins with SELECT, SHOW, SET, BEGIN, ..
  std::vector<std::string> prepared;  // names that PREPARE makes, as the server keeps them
};
TextFacts ReadText(std::string_view sql);

// What a statement with this command tag ("INSERT 0 1", "CREATE TABLE") leaves behind; what is not known is kObjects. A
// new table may be a temporary one, unless the text has told that its tables are stored.
Stain StainOfTag(std::string_view tag, bool stored_tables = false);

inline Stain Worse(Stain a, Stain b) {
  return a < b ? b : a;
}

}  // namespace berth::session
