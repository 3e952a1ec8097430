#pragma once

#include <string>
#include <vector>

#include "child.h"
#include "warehouse.h"

namespace berth::test {

// A home with a folder of migrations and a history of its own on the test server.
struct MigrationHome : Home {
  MigrationHome();
  ~MigrationHome();
  MigrationHome(const MigrationHome&) = delete;
  MigrationHome& operator=(const MigrationHome&) = delete;

  // The files may say ${SCHEMA} and ${URL}.
  void File(const std::string& script, const std::string& text) const;
  void Remove(const std::string& script) const;
  std::vector<std::string> Arguments(std::vector<std::string> command) const;
  Ran Migrate(std::vector<std::string> command) const;
  // Rows of the test server, by | and newline; {s} is the schema.
  std::string Ask(std::string sql) const;
  std::vector<std::string> Secrets() const;  // for Child's environment

  std::string schema;
};

// CREATE REDSHIFT CONNECTION name, with a password from the environment.
std::string MakeConnection(const std::string& name);

}  // namespace berth::test
