#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dependents/table_use.h"

namespace berth::dependents {

// A name of three parts whose first is another database than the one that the body runs in.
struct ElsewhereUse {
  std::string database, schema, table;
};

struct BodyTables {
  std::vector<TableUse> tables;         // each table once a role, in the order of the body
  std::vector<ElsewhereUse> elsewhere;  // of each database the first
  std::vector<std::size_t> unread;      // statements that neither reader made sense of, counted from 1
};

// What `body`, as it is sent to the warehouse, touches in `database` there: one statement, or a script of several.
// PostgreSQL's grammar reads each statement; where it refuses, its tokens are looked at, and the use says so. A name
// without a schema is in `schema` until the script sets another search path. Temporary tables and the system's own are
// left out. A table that the script makes and reads is staging, whatever else it does with it.
BodyTables FindTables(std::string_view body, bool backslash_escapes, std::string_view schema = "public",
                      std::string_view database = {});

}  // namespace berth::dependents
