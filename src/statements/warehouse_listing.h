#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "statements/submit_request.h"

namespace berth::statements {

inline constexpr std::size_t kListingPageMax = 1000;  // names on a page; 0 asks for as many

// What ListDatabases, ListSchemas, ListTables and DescribeTable ask of a warehouse. It takes its turn like a statement
// and leaves no record.
struct ListingRequest {
  std::string caller;
  CallerLimits caller_limits;
  std::string connection;               // already chosen
  std::optional<std::string> database;  // to describe; another than the connection's is refused
  std::optional<std::string> schema;    // a LIKE pattern; of DescribeTable a name
  std::optional<std::string> table;     // a LIKE pattern; of DescribeTable a name
  std::size_t max_results = 0;
  std::string next_token;  // empty: from the beginning
  Deadline deadline = Deadline::Never();
};

struct NamePage {
  std::vector<std::string> names;
  std::optional<std::string> next_token;
};

struct TableMember {
  std::string name, schema;
  std::string type;  // "TABLE", "VIEW", ..
};
struct TablePage {
  std::vector<TableMember> tables;
  std::optional<std::string> next_token;
};

// ColumnMetadata of the Data API: what a JDBC driver says of a column.
struct ColumnMetadata {
  std::string name, label, type_name, schema_name, table_name;
  std::int64_t precision = 0, scale = 0, length = 0;
  int nullable = 1;  // 0: NOT NULL, 1: may be null, 2: not known
  bool is_signed = false, is_case_sensitive = false, is_currency = false;
  std::optional<std::string> column_default;
};
struct ColumnPage {
  std::string table_name;  // empty where several tables were described
  std::vector<ColumnMetadata> columns;
  std::optional<std::string> next_token;
};

}  // namespace berth::statements
