#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "statements/statement_state.h"

namespace berth::statements {

struct SqlParameter {
  std::string name, value;
  friend bool operator==(const SqlParameter&, const SqlParameter&) = default;
};

// What the client named as its warehouse: kept to be echoed and filtered by. nullopt: it was not sent.
struct Target {
  std::optional<std::string> cluster_identifier, workgroup, secret_arn, db_user, database;
  friend bool operator==(const Target&, const Target&) = default;
};

enum class ResultFormat : std::uint8_t { kJson, kCsv };
enum class ExecutionMode : std::uint8_t { kTransaction, kAutoCommit };

// How far a statement, or one of a batch, has come. -1: not known yet, or never.
struct Progress {
  StatementState state = StatementState::kSubmitted;
  Clock::Wall created_at{}, updated_at{};
  std::int64_t duration_ns = -1;  // from the session to the end
  std::int64_t result_rows = -1;  // returned or affected
  std::int64_t result_size = -1;  // bytes as the server sent them
  std::int64_t redshift_query_id = -1;
  bool has_result_set = false;
  std::string
      error;  // as the service words it: "ERROR: .." and lines of two spaces; notices follow. Not empty if failed
  // The bytes of a result that is too small for a file of its own (result_file.h); null: there is a file, or no result.
  std::shared_ptr<const std::string> small_result;
};

// One of a batch.
struct SubStatementFacts {
  std::string id;  // "<id of the batch>:1"
  std::string sql;
  Progress progress;
};

struct StatementFacts {
  std::string id;
  std::string caller;      // who submitted it; nobody else may see it
  std::string connection;  // where it runs
  Target target;
  std::vector<std::string> sqls;  // as sent, with :name in them; empty: sealed with a key that is no longer there
  std::vector<SqlParameter> parameters;
  bool is_batch = false;
  bool with_event = false;
  ExecutionMode execution_mode = ExecutionMode::kTransaction;  // of a batch
  ResultFormat result_format = ResultFormat::kJson;
  std::string statement_name;
  std::optional<std::string> session_id;
  std::int64_t redshift_pid = 0;  // 0: it has had no session yet
  Progress progress;              // of a batch: sums, and query id 0
  // In their order. Asked for by the id of one ("<id>:2"), only that one is here.
  std::vector<SubStatementFacts> sub_statements;
};

// A text as its caller, and who watches, may see it again: secrets of Berth's own statements are masked. What goes to a
// warehouse stays as it was sent.
std::string ShownSql(const StatementFacts& facts, const std::string& sql);

}  // namespace berth::statements
