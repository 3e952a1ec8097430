#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "statements/record.h"
#include "statements/text_runner.h"

namespace berth::statements {

// Where the results of a statement are.
std::string ResultPath(const std::string& folder, std::string_view id);                        // of a single one
std::string ResultPath(const std::string& folder, std::string_view id, std::size_t position);  // of one of a batch

struct RecordRunner {
  TextRunner& texts;
  const Clock& clock;
  std::string results_folder;
  // Where the record stands by now, each time a statement of a batch begins or ends.
  std::function<void(const Record&)> progress;
  std::function<bool()> cancelled;

  // Runs the whole record on the session and returns it as it ended: state, measures, errors, sub-statements. Its
  // duration is its caller's to tell. True in `session_lost`: the session is of no more use.
  Record Run(Record record, bool& session_lost) const;

 private:
  void RunBatch(Record& record, bool& session_lost) const;
  void Transaction(Record& record, bool& session_lost) const;
  void RunOne(Record& record, std::size_t at, bool& session_lost) const;
  // Those that have not run, and with `rolled_back` those that have: aborted, with `why`.
  void Abort(Record& record, const std::string& why, bool rolled_back) const;
  static void Sum(Record& record);
};

}  // namespace berth::statements
