#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "berth/error.h"
#include "berth/rows.h"
#include "catalog/records.h"
#include "engine/cancel_point.h"
#include "engine/shared.h"
#include "parser/ast.h"

namespace berth::engine {

// WITH (VALIDATE = TRUE): the login is tried with what the connection will be, before anything is changed, and without
// holding the catalog's lock.
struct ValidateScope {
  const Shared& shared;
  Deadline deadline;
  CancelPoint& cancel;
  // One session less of this process's pool of it, so that a slot comes free.
  std::function<void(const catalog::Connection&)> make_room;
  std::string name;    // of the connection after the statement
  std::string before;  // and before it
};

struct Validated {
  std::optional<std::int64_t> version;      // of the connection that was there; it must still be this one
  std::vector<std::string> missing_tables;  // recorded ones, where it is another database now: schema.table
  std::string database;
};

// What an ALTER has made.
struct Altered {
  Outcome outcome;
  catalog::Connection is;                       // where there are `tables`
  std::vector<catalog::DependentTable> tables;  // that are recorded on it, where it leads to another database now
};
// Run(), and a look where the connection leads now. Asks no server.
Result<Altered> AlterAndLook(const parser::AlterConnection& statement, CatalogScope& scope);

// `run` is the statement on the catalog; it is done, looked at and undone. Takes one slot of the connection, as every
// login does. Errors: those of `run`; those of a login.
Result<Validated> Validate(const ValidateScope& scope, const std::function<Status(catalog::Transaction&)>& run);

// Which of `tables` the database of `connection`, as it is in the catalog now, lacks: schema.table. Logs in under a
// slot of its own and asks nobody for a password. Errors: those of a login and of its slot.
Result<std::vector<std::string>> MissingTables(const ValidateScope& scope, const catalog::Connection& connection,
                                               const std::vector<catalog::DependentTable>& tables);

inline constexpr std::chrono::seconds kMissingTablesWait{5};  // of an ALTER that has been made already

}  // namespace berth::engine
