#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace berth::dataapi {

// The operations of the service, as bits: the member table says for each member which of them take it.
enum class Operation : std::uint16_t {
  kBatchExecuteStatement = 1 << 0,
  kCancelStatement = 1 << 1,
  kDescribeStatement = 1 << 2,
  kDescribeTable = 1 << 3,
  kExecuteStatement = 1 << 4,
  kGetStatementResult = 1 << 5,
  kGetStatementResultV2 = 1 << 6,
  kListDatabases = 1 << 7,
  kListSchemas = 1 << 8,
  kListSessions = 1 << 9,
  kListStatements = 1 << 10,
  kListTables = 1 << 11,
};
std::string_view NameOf(Operation operation);                      // "ExecuteStatement"
std::optional<Operation> OperationNamed(std::string_view target);  // "RedshiftData.ExecuteStatement"

struct NamedValue {
  std::string name, value;
};

// The members of all operations in one struct; a member that was not sent is nullopt. What an operation does not take
// stays nullopt.
struct Request {
  Operation operation = Operation::kListStatements;
  std::optional<std::string> client_token, cluster_identifier, connected_database, database, db_user, execution_mode;
  std::optional<std::string> id, next_token, result_format, schema, schema_pattern, secret_arn, session_id, sql;
  std::optional<std::string> statement_name, status, table, table_pattern, workgroup_name;
  std::optional<std::int64_t> max_results, session_keep_alive_seconds, wait_time_seconds;
  std::optional<bool> role_level, with_event;
  std::optional<std::vector<std::string>> sqls;
  std::optional<std::vector<NamedValue>> parameters;
};

}  // namespace berth::dataapi
