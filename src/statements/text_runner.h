#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "berth/engine.h"
#include "statements/column_metadata.h"
#include "statements/named_parameters.h"
#include "statements/result_file.h"
#include "statements/statement_facts.h"

namespace berth::statements {

// What became of one text.
struct TextEnd {
  StatementState state = StatementState::kFinished;
  std::int64_t rows = -1, size = -1, query_id = -1;
  std::int64_t stored_bytes = 0;
  std::shared_ptr<const std::string> small_result;  // see Progress
  bool has_result_set = false;
  bool session_lost = false;
  std::string error;  // and notices
};

// Runs texts on a conversation whose session is there, and writes what they return. One thread at a time.
class TextRunner {
 public:
  struct Environment {
    Conversation& conversation;
    const Clock& clock;
    ResultLimits limits;
    ResultBudget& budget;
    Deadline deadline;
    bool redshift = false;            // the server is one
    bool catalog = false;             // it is Berth's own catalog: the texts are read as its statements
    std::function<bool()> cancelled;  // whether somebody asked for the end
  };
  explicit TextRunner(Environment environment);
  TextRunner(const TextRunner&) = delete;
  TextRunner& operator=(const TextRunner&) = delete;
  ~TextRunner();

  // One statement of a caller's. Several in one text are refused, as the extended protocol does.
  TextEnd Run(const std::string& sql, std::span<const SqlParameter> parameters, ResultFormat format,
              const std::string& result_path);
  // BEGIN, COMMIT, ROLLBACK: nothing is kept of them. Errors: the server's; kFailedTransaction where a COMMIT rolled
  // back.
  Status Command(std::string_view sql);

 private:
  Result<Outcome> Send(std::string_view text, Parameters parameters);
  Status RunBound(const BoundText& bound, ResultFormat format, const std::string& result_path, TextEnd& end);
  Status Drain(Outcome outcome, ResultFormat format, const std::string& result_path, TextEnd& end);
  void FillColumns(std::span<const Column> columns, std::vector<ColumnMetadata>& metadata);
  // The rows of a query of our own, as texts; empty where it fails.
  std::vector<std::vector<std::string>> Ask(std::string_view sql_name, std::int64_t parameter);

  Environment at_;
  std::vector<Notice> notices_;
};

}  // namespace berth::statements
