#include "dataapi/request.h"

#include <array>
#include <utility>

namespace berth::dataapi {
namespace {

constexpr std::string_view kPrefix = "RedshiftData.";

constexpr std::array<std::pair<Operation, std::string_view>, 12> kNames{{
    {Operation::kBatchExecuteStatement, "BatchExecuteStatement"},
    {Operation::kCancelStatement, "CancelStatement"},
    {Operation::kDescribeStatement, "DescribeStatement"},
    {Operation::kDescribeTable, "DescribeTable"},
    {Operation::kExecuteStatement, "ExecuteStatement"},
    {Operation::kGetStatementResult, "GetStatementResult"},
    {Operation::kGetStatementResultV2, "GetStatementResultV2"},
    {Operation::kListDatabases, "ListDatabases"},
    {Operation::kListSchemas, "ListSchemas"},
    {Operation::kListSessions, "ListSessions"},
    {Operation::kListStatements, "ListStatements"},
    {Operation::kListTables, "ListTables"},
}};

}  // namespace

std::string_view NameOf(Operation operation) {
  for (const auto& [value, name] : kNames) {
    if (value == operation) return name;
  }
  return "Unknown";
}

std::optional<Operation> OperationNamed(std::string_view target) {
  if (!target.starts_with(kPrefix)) return std::nullopt;
  target.remove_prefix(kPrefix.size());
  for (const auto& [value, name] : kNames) {
    if (name == target) return value;
  }
  return std::nullopt;
}

}  // namespace berth::dataapi
