#include "catalog/sealed_rows.h"

#include <fmt/core.h>

#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "catalog/seal.h"

namespace berth::catalog {
namespace {

#define BERTH_PASSWORDS                                                                   \
  "SELECT id, name, password_sealed, connection_string, host, user_name FROM connections" \
  " WHERE password_sealed IS NOT NULL"
#define BERTH_KEYS "SELECT rowid, id, secret_sealed, user_id FROM access_keys"
constexpr std::string_view kPasswords = BERTH_PASSWORDS " ORDER BY name";
constexpr std::string_view kKeys = BERTH_KEYS " ORDER BY id";
constexpr std::string_view kNewestPassword = BERTH_PASSWORDS " AND id <> ? ORDER BY id DESC LIMIT 1";
constexpr std::string_view kNewestKey = BERTH_KEYS " ORDER BY rowid DESC LIMIT 1";
constexpr std::string_view kPasswordOf = BERTH_PASSWORDS " AND id = ?";
constexpr std::string_view kKeyOf = BERTH_KEYS " WHERE id = ?";
#undef BERTH_PASSWORDS
#undef BERTH_KEYS
constexpr std::string_view kSealPassword = "UPDATE connections SET password_sealed = ? WHERE id = ?";
constexpr std::string_view kSealKey = "UPDATE access_keys SET secret_sealed = ? WHERE rowid = ?";

SealedRow PasswordOf(const sqlite::Statement& row) {
  SealedRow found{.id = row.Integer(0), .name = row.Text(1), .bound_to = {}, .sealed = row.Text(2)};
  const auto url = row.Text(3);
  const auto host = row.Text(4);
  const auto user = row.Text(5);
  found.bound_to = BoundTo({.connection_id = found.id, .connection_string = url, .host = host, .user_name = user});
  return found;
}

SealedRow KeyOf(const sqlite::Statement& row) {
  SealedRow found{.access_key = true, .id = row.Integer(0), .name = row.Text(1), .bound_to = {}, .sealed = row.Text(2)};
  found.bound_to = BoundToKey(found.name, row.Integer(3));
  return found;
}

Status ReadAll(Result<sqlite::Statement> query, SealedRow (*read)(const sqlite::Statement&),
               std::vector<SealedRow>& rows) {
  BERTH_ASSIGN(auto statement, std::move(query));
  while (true) {
    BERTH_ASSIGN(const bool row, statement.Step());
    if (!row) return {};
    rows.push_back(read(statement));
  }
}

Result<std::optional<SealedRow>> ReadOne(Result<sqlite::Statement> query, SealedRow (*read)(const sqlite::Statement&)) {
  BERTH_ASSIGN(auto statement, std::move(query));
  BERTH_ASSIGN(const bool row, statement.Step());
  return row ? std::optional(read(statement)) : std::nullopt;
}

}  // namespace

std::string SealedRow::What() const {
  return access_key ? fmt::format("the secret of access key {}", name)
                    : fmt::format("the password of connection {}", base::QuoteIdentifier(name));
}

Result<std::vector<SealedRow>> ReadSealedRows(sqlite::Database& database) {
  std::vector<SealedRow> rows;
  BERTH_TRY(ReadAll(database.Query(kPasswords), &PasswordOf, rows));
  BERTH_TRY(ReadAll(database.Query(kKeys), &KeyOf, rows));
  return rows;
}

Status WriteSealedRow(sqlite::Database& database, const SealedRow& row, const std::string& sealed) {
  BERTH_ASSIGN(auto update, database.Prepare(row.access_key ? kSealKey : kSealPassword));
  update.BindBlob(sealed);
  update.Bind(row.id);
  return update.Run();
}

// All rows have one key, but for a change of it that was cut off; so any row will do.
Result<std::optional<SealedRow>> NewestSealedRow(sqlite::Database& database, std::int64_t but_connection) {
  BERTH_ASSIGN(auto password, ReadOne(database.Query(kNewestPassword, but_connection), &PasswordOf));
  if (password) return password;
  return ReadOne(database.Query(kNewestKey), &KeyOf);
}

Result<std::optional<SealedRow>> SealedRowOfConnection(sqlite::Database& database, std::int64_t id) {
  return ReadOne(database.Query(kPasswordOf, id), &PasswordOf);
}

Result<std::optional<SealedRow>> SealedRowOfKey(sqlite::Database& database, std::string_view id) {
  return ReadOne(database.Query(kKeyOf, id), &KeyOf);
}

}  // namespace berth::catalog
