#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace berth::script {

// One step of a .slt file; README.md describes the format.
enum class Kind : std::uint8_t {
  kStatement,     // must succeed, or fail as `sqlstate` and `expected` say
  kQuery,         // must give the rows of `expected`
  kTag,           // the last one's command tag
  kNotice,        // a notice that the last one gave
  kColumns,       // the last one's column names
  kAt,            // what the last one's error points at
  kState,         // connection in use and transaction
  kConversation,  // go on in that conversation
  kClose,         // end a conversation
  kSetEnv,
  kWriteFile,
  kWarehouse,  // SQL by another road, as the superuser
  kRestart,    // close the engine and open it again on the same catalog
  kTimeout,    // how long statements may take from now on
  kAbsent,     // a text that stands in no answer so far and in no file of the catalog
};

struct Step {
  Kind kind = Kind::kStatement;
  std::size_t line = 0;  // of the directive, from 1
  std::string argument;  // the rest of the directive's line
  std::string sql;
  std::vector<std::string> expected;  // the lines below ----
  bool fails = false;                 // statement error
  std::string sqlstate;
  bool sorted = false;  // query rowsort
};

struct ScriptFile {
  std::vector<Step> steps;
  std::vector<std::string> errors;  // "line 3: unknown directive .."
};
ScriptFile ReadScript(std::string_view text);

}  // namespace berth::script
