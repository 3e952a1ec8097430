#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "statements/statement_facts.h"

namespace berth::statements {

// What stands for Berth's own catalog in place of a connection; no connection can have that name. Its statements are
// read as Berth's own, and the engine sees to what their caller may say (Conversation::Serve).
inline constexpr std::string_view kCatalogTarget = "system";

// Of one service user on one connection, where he was granted less than the service allows. nullopt: the service's own
// limit.
struct CallerLimits {
  std::optional<std::size_t> max_active;      // statements that are not final
  std::optional<std::size_t> max_concurrent;  // of them, running at once
};

// One ExecuteStatement or BatchExecuteStatement. Patterns, lengths and enums have been checked by the caller.
struct SubmitRequest {
  std::string caller;
  CallerLimits caller_limits;
  std::string connection;  // already chosen (connection_choice.h); may be empty with `session_id`, which has its own
  Target target;           // echoed
  std::vector<std::string> sqls;  // 1 to kSqlsMax; exactly 1 unless is_batch
  bool is_batch = false;
  ExecutionMode execution_mode = ExecutionMode::kTransaction;
  std::vector<SqlParameter> parameters;
  std::string statement_name;
  std::string client_token;  // empty: none
  bool with_event = false;
  ResultFormat result_format = ResultFormat::kJson;
  std::optional<std::string> session_id;             // to run in
  std::optional<std::int64_t> session_keep_alive_s;  // opens a session, or changes how long the one named stays
};

inline constexpr std::size_t kSqlsMax = 40;

}  // namespace berth::statements
