#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "berth/engine.h"
#include "berth/error.h"
#include "catalog/store.h"
#include "parser/ast.h"

// What the program's tools (migrations, dump, import) need of an engine beyond statements.
namespace berth::engine {

// An object of the catalog and the statement that makes it again.
struct CatalogObject {
  std::string kind;        // "connection group", "secret", "connection", "table", "job"
  std::string name;        // as SQL: quoted where needed; a table's is connection.schema.table
  std::string statement;   // with its semicolon; literal passwords and secrets are masked
  std::string connection;  // of a table or job: what it depends on first; empty: none
  bool masked = false;     // `statement` holds a mask in place of a literal
};

enum class TableWork : std::uint8_t { kCreated, kDropped, kAttached };

// Several statements on the catalog as one: all of them after Commit(), none of them otherwise. Holds the catalog's
// write lock. One thread at a time.
class CatalogUnit {
 public:
  virtual ~CatalogUnit() = default;
  // One of Berth's own statements that acts on the catalog alone. Errors: the statement's; kNotSupported for one that
  // needs a conversation or a session.
  virtual Status Execute(const parser::Statement& statement) = 0;
  // The catalog's half of CREATE, DROP and ATTACH TABLE c.s.t, whose other half the caller sees to. Errors: kNotFound
  // (the connection), kDependentsExist (a job uses the table that was dropped).
  virtual Status RecordTable(TableWork work, const parser::TableName& name) = 0;
  virtual catalog::Transaction& transaction() = 0;
  virtual Status Commit() = 0;
};

// Safe from many threads; lives as long as its engine.
class Maintenance {
 public:
  virtual ~Maintenance() = default;
  // Waits for the catalog's write lock until the deadline. `notices` may be null.
  virtual Result<std::unique_ptr<CatalogUnit>> Begin(NoticeSink notices, Deadline deadline) = 0;
  virtual Result<std::vector<catalog::MigrationRow>> MigrationHistory() = 0;
  virtual Result<std::vector<catalog::ConnectionChange>> ConnectionChanges() = 0;
  // All of them, each after what it needs, so that running the statements in this order makes the catalog again.
  virtual Result<std::vector<CatalogObject>> Objects() = 0;
  // CREATE SERVICE USER and GRANT USAGE statements: who may use what, which is no part of what Objects() compares.
  virtual Result<std::vector<std::string>> ServiceAccess() = 0;
  // PAUSE statements for the connections and jobs that are paused now: how things are, not what there is.
  virtual Result<std::vector<std::string>> Pauses() = 0;
  // Copies the catalog as it is into an empty folder, as catalog.db, with its key where there is one. Errors: a
  // backup's.
  virtual Status CopyCatalog(const std::string& folder) = 0;
};

Maintenance& MaintenanceOf(Engine& engine);

}  // namespace berth::engine
