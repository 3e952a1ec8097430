#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "sqlite/database.h"

// All that is sealed in a catalog: the literal passwords of connections, the secrets of access keys.
namespace berth::catalog {

struct SealedRow {
  bool access_key = false;  // else a connection's password
  std::int64_t id = 0;      // of the connection, or the key's row
  std::string name;         // of the connection; the id of the key
  std::string bound_to;     // as the row says now
  std::string sealed;

  std::string What() const;  // "the password of connection c", "the secret of access key K"
};

// Passwords first, then keys, each by name.
Result<std::vector<SealedRow>> ReadSealedRows(sqlite::Database& database);
// The row gets another sealed text.
Status WriteSealedRow(sqlite::Database& database, const SealedRow& row, const std::string& sealed);
// The newest one; of connections, not that of `but_connection`. nullopt: there is none.
Result<std::optional<SealedRow>> NewestSealedRow(sqlite::Database& database, std::int64_t but_connection);
// Of one connection or key; nullopt: it has none.
Result<std::optional<SealedRow>> SealedRowOfConnection(sqlite::Database& database, std::int64_t id);
Result<std::optional<SealedRow>> SealedRowOfKey(sqlite::Database& database, std::string_view id);

}  // namespace berth::catalog
