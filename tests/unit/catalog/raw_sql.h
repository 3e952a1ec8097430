#pragma once

#include <string>

#include <doctest/doctest.h>
#include <sqlite3.h>

namespace berth::catalog {

// What a person with a database tool could do to the catalog's file: the first column of the first row, or "".
// `failure`: what SQLite says against it.
inline std::string TryRawSql(const std::string& path, const std::string& sql, std::string& failure) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &handle) == SQLITE_OK);
  std::string first;
  const auto on_row = [](void* to, int, char** values, char**) {
    auto& text = *static_cast<std::string*>(to);
    if (text.empty() && values[0] != nullptr) text = values[0];
    return 0;
  };
  char* message = nullptr;
  const int rc = sqlite3_exec(handle, sql.c_str(), on_row, &first, &message);
  failure = message == nullptr ? "" : message;
  sqlite3_free(message);
  sqlite3_close(handle);
  CHECK((rc != SQLITE_OK) == !failure.empty());
  return first;
}

inline std::string RawSql(const std::string& path, const std::string& sql) {
  std::string failure;
  auto first = TryRawSql(path, sql, failure);
  if (!failure.empty()) FAIL(sql << ": " << failure);
  return first;
}

inline std::string RawSqlError(const std::string& path, const std::string& sql) {
  std::string failure;
  TryRawSql(path, sql, failure);
  return failure;
}

inline bool IsIntact(const std::string& path) {
  return RawSql(path, "PRAGMA integrity_check") == "ok" && RawSql(path, "PRAGMA foreign_key_check").empty();
}

}  // namespace berth::catalog
