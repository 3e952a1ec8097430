#include "migrations.h"

#include <unistd.h>

#include <filesystem>

namespace berth::test {
namespace {

std::string NextSchema() {
  static int count = 0;
  return "m" + std::to_string(::getpid()) + "_" + std::to_string(++count);
}

}  // namespace

MigrationHome::MigrationHome() : schema(NextSchema()) {
  TempPostgres::Shared().Psql("create schema " + schema);
  std::filesystem::create_directory(path() / "files");
}

MigrationHome::~MigrationHome() {
  TempPostgres::Shared().Psql("drop schema " + schema + " cascade");
}

void MigrationHome::File(const std::string& script, const std::string& text) const {
  Write("files/" + script, text);
}

void MigrationHome::Remove(const std::string& script) const {
  std::filesystem::remove(path() / "files" / script);
}

std::vector<std::string> MigrationHome::Arguments(std::vector<std::string> command) const {
  command.insert(command.begin(), "migrate");
  for (const auto& more :
       {std::string("--dir"), *this / "files", std::string("--history-schema"), schema, std::string("--set"),
        "SCHEMA=" + schema, std::string("--set"), "URL=" + TempPostgres::Shared().JdbcUrl()}) {
    command.push_back(more);
  }
  return command;
}

Ran MigrationHome::Migrate(std::vector<std::string> command) const {
  Child child(*this, {.arguments = Arguments(std::move(command)), .more_environment = Secrets()});
  child.CloseInput();
  const int status = child.Wait();
  return {.status = status, .output = child.output(), .error = child.error()};
}

std::vector<std::string> MigrationHome::Secrets() const {
  return {"MIGRATION_PASSWORD=" + TempPostgres::Shared().password()};
}

std::string MigrationHome::Ask(std::string sql) const {
  for (auto at = sql.find("{s}"); at != std::string::npos; at = sql.find("{s}")) sql.replace(at, 3, schema);
  return TempPostgres::Shared().Psql(sql);
}

std::string MakeConnection(const std::string& name) {
  return "CREATE REDSHIFT CONNECTION " + name +
         " CONNECTION_STRING = '${URL}' USER_NAME = 'berth' PASSWORD = ENV "
         "'MIGRATION_PASSWORD';\n";
}

}  // namespace berth::test
