#include "dataapi/members.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace berth::dataapi {
namespace {

constexpr unsigned Bit(Operation operation) {
  return static_cast<unsigned>(operation);
}
constexpr unsigned kExecute = Bit(Operation::kExecuteStatement);
constexpr unsigned kBatch = Bit(Operation::kBatchExecuteStatement);
constexpr unsigned kRun = kExecute | kBatch;
constexpr unsigned kDescribe = Bit(Operation::kDescribeStatement);
constexpr unsigned kCancel = Bit(Operation::kCancelStatement);
constexpr unsigned kResult = Bit(Operation::kGetStatementResult) | Bit(Operation::kGetStatementResultV2);
constexpr unsigned kDatabases = Bit(Operation::kListDatabases);
constexpr unsigned kSchemas = Bit(Operation::kListSchemas);
constexpr unsigned kTables = Bit(Operation::kListTables);
constexpr unsigned kTable = Bit(Operation::kDescribeTable);
constexpr unsigned kMetadata = kDatabases | kSchemas | kTables | kTable;
constexpr unsigned kStatements = Bit(Operation::kListStatements);
constexpr unsigned kSessions = Bit(Operation::kListSessions);

constexpr std::int64_t kPageMax = 1000;         // entries of a metadata page
constexpr std::int64_t kStatementsMax = 100;    // of ListStatements and ListSessions
constexpr std::int64_t kNameMax = 2048;         // characters
constexpr std::int64_t kTokenMax = 64;          // characters of a ClientToken
constexpr std::int64_t kKeepAliveMax = 86'400;  // seconds
constexpr std::int64_t kWaitMax = 30;           // seconds
constexpr std::int64_t kBatchMax = 40;          // statements

constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();

// clang-format off
const Member kMembers[] = {
    {"ClientToken", &Request::client_token, kRun, 0, 1, kTokenMax},
    {"ClusterIdentifier", &Request::cluster_identifier, kRun | kMetadata | kStatements | kSessions, 0, 1, 63,
     Pattern::kCluster, "", true},
    {"ConnectedDatabase", &Request::connected_database, kSchemas | kTables | kTable},
    {"Database", &Request::database, kRun | kMetadata | kStatements | kSessions, kSchemas | kTables | kTable},
    {"DbUser", &Request::db_user, kRun | kMetadata},
    {"ExecutionMode", &Request::execution_mode, kBatch, 0, 0, kAny, Pattern::kNone, "TRANSACTION|AUTO_COMMIT"},
    {"Id", &Request::id, kDescribe | kCancel | kResult, kDescribe | kCancel | kResult, 0, kAny, Pattern::kUuid},
    {"MaxResults", &Request::max_results, kMetadata, 0, 0, kPageMax},
    {"MaxResults", &Request::max_results, kStatements | kSessions, 0, 0, kStatementsMax},
    {"NextToken", &Request::next_token, kMetadata | kStatements | kSessions | kResult},
    {"Parameters", &Request::parameters, kRun, 0, 1},
    {"ResultFormat", &Request::result_format, kRun, 0, 0, kAny, Pattern::kNone, "JSON|CSV"},
    {"RoleLevel", &Request::role_level, kStatements | kSessions},
    {"Schema", &Request::schema, kTable},
    {"SchemaPattern", &Request::schema_pattern, kSchemas | kTables},
    {"SecretArn", &Request::secret_arn, kRun | kMetadata},
    {"SessionId", &Request::session_id, kRun | kSessions, 0, 0, kAny, Pattern::kUuid},
    {"SessionKeepAliveSeconds", &Request::session_keep_alive_seconds, kRun, 0, 0, kKeepAliveMax},
    {"Sql", &Request::sql, kExecute, kExecute},
    {"Sqls", &Request::sqls, kBatch, kBatch, 1, kBatchMax},
    {"StatementName", &Request::statement_name, kRun | kStatements, 0, 0, kNameMax},
    {"Status", &Request::status, kStatements, 0, 0, kAny, Pattern::kNone,
     "SUBMITTED|PICKED|STARTED|FINISHED|ABORTED|FAILED|ALL"},
    {"Status", &Request::status, kSessions, 0, 0, kAny, Pattern::kNone, "AVAILABLE|BUSY|CLOSED"},
    {"Table", &Request::table, kTable},
    {"TablePattern", &Request::table_pattern, kTables},
    {"WaitTimeSeconds", &Request::wait_time_seconds, kRun | kDescribe | kResult, 0, 1, kWaitMax},
    {"WithEvent", &Request::with_event, kRun},
    {"WorkgroupName", &Request::workgroup_name, kRun | kMetadata | kStatements | kSessions, 0, 3, 128,
     Pattern::kWorkgroup, "", true},
};
// clang-format on

std::int64_t Characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

// "Id" -> "id": the service names members so in its texts.
std::string Lowered(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] - 'A' + 'a');
  return out;
}

std::string Constraint(std::string_view name, std::string_view must) {
  return fmt::format("1 validation error detected: Value at '{}' failed to satisfy constraint: Member must {}",
                     Lowered(name), must);
}

bool IsOneOf(std::string_view list, std::string_view value) {
  while (!list.empty()) {
    const auto bar = list.find('|');
    if (list.substr(0, bar) == value) return true;
    if (bar == std::string_view::npos) return false;
    list.remove_prefix(bar + 1);
  }
  return false;
}

std::string Commas(std::string_view list) {
  std::string out;
  for (const char c : list) {
    if (c == '|') {
      out += ", ";
    } else {
      out += c;
    }
  }
  return out;
}

std::optional<std::string> WrongBounds(const Member& member, std::int64_t value, std::string_view what) {
  if (value < member.min) {
    return Constraint(member.name, fmt::format("have {} greater than or equal to {}", what, member.min));
  }
  if (value > member.max) {
    return Constraint(member.name, fmt::format("have {} less than or equal to {}", what, member.max));
  }
  return std::nullopt;
}

}  // namespace

std::span<const Member> Members() {
  return kMembers;
}

std::optional<std::string> WrongText(const Member& member, std::string_view value) {
  if (auto wrong = WrongBounds(member, Characters(value), "length")) return wrong;
  if (!Matches(member.pattern, value)) {
    return fmt::format("{} must satisfy regex pattern: {}", Lowered(member.name), TextOf(member.pattern));
  }
  if (!member.one_of.empty() && !IsOneOf(member.one_of, value)) {
    return Constraint(member.name, fmt::format("satisfy enum value set: [{}]", Commas(member.one_of)));
  }
  return std::nullopt;
}

std::optional<std::string> WrongNumber(const Member& member, std::int64_t value) {
  return WrongBounds(member, value, "value");
}

std::optional<std::string> WrongCount(const Member& member, std::size_t count) {
  return WrongBounds(member, static_cast<std::int64_t>(count), "length");
}

std::string MissingText(std::string_view name) {
  return Constraint(name, "not be null");
}

}  // namespace berth::dataapi
