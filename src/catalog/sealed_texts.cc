#include "catalog/sealed_texts.h"

#include <array>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace berth::catalog {
namespace {

#define BERTH_PASSWORDS                                                                      \
  "SELECT id, name, connection_string, host, user_name, password_sealed, 0 FROM connections" \
  " WHERE password_sealed IS NOT NULL"
#define BERTH_NEXT_PASSWORDS                                                                      \
  "SELECT id, name, connection_string, host, user_name, password_next_sealed, 0 FROM connections" \
  " WHERE password_next_sealed IS NOT NULL"
#define BERTH_SECRETS "SELECT id, name, '', '', '', sealed, 0 FROM secrets WHERE sealed IS NOT NULL"
#define BERTH_KEYS "SELECT rowid, id, '', '', '', secret_sealed, user_id FROM access_keys WHERE true"

struct Queries {
  SealedPlace place;
  std::string_view all, one, other, store;
};
constexpr std::array<Queries, 4> kPlaces = {{
    {SealedPlace::kPassword, BERTH_PASSWORDS " ORDER BY id", BERTH_PASSWORDS " AND id = ?",
     BERTH_PASSWORDS " AND id <> ? ORDER BY id DESC LIMIT 1",
     "UPDATE connections SET password_sealed = ? WHERE id = ?"},
    {SealedPlace::kNextPassword, BERTH_NEXT_PASSWORDS " ORDER BY id", BERTH_NEXT_PASSWORDS " AND id = ?",
     BERTH_NEXT_PASSWORDS " AND id <> ? ORDER BY id DESC LIMIT 1",
     "UPDATE connections SET password_next_sealed = ? WHERE id = ?"},
    {SealedPlace::kSecret, BERTH_SECRETS " ORDER BY id", BERTH_SECRETS " AND id = ?",
     BERTH_SECRETS " AND id <> ? ORDER BY id DESC LIMIT 1", "UPDATE secrets SET sealed = ? WHERE id = ?"},
    {SealedPlace::kAccessKey, BERTH_KEYS " ORDER BY rowid", BERTH_KEYS " AND rowid = ?",
     BERTH_KEYS " AND rowid <> ? ORDER BY rowid DESC LIMIT 1",
     "UPDATE access_keys SET secret_sealed = ? WHERE rowid = ?"},
}};
#undef BERTH_KEYS
#undef BERTH_SECRETS
#undef BERTH_NEXT_PASSWORDS
#undef BERTH_PASSWORDS

const Queries& QueriesOf(SealedPlace place) {
  return kPlaces[static_cast<std::size_t>(place)];
}

Status ReadInto(Result<sqlite::Statement> query, SealedPlace place, std::vector<SealedText>& texts) {
  BERTH_ASSIGN(auto rows, std::move(query));
  while (true) {
    BERTH_ASSIGN(const bool row, rows.Step());
    if (!row) return {};
    texts.push_back({.place = place,
                     .id = rows.Integer(0),
                     .name = rows.Text(1),
                     .connection_string = rows.Text(2),
                     .host = rows.Text(3),
                     .user_name = rows.Text(4),
                     .sealed = rows.Text(5),
                     .owner_id = rows.Integer(6)});
  }
}

}  // namespace

std::string SealedText::bound_to() const {
  switch (place) {
    case SealedPlace::kPassword:
    case SealedPlace::kNextPassword:
      return BoundTo(
          {.connection_id = id, .connection_string = connection_string, .host = host, .user_name = user_name});
    case SealedPlace::kSecret:
      return BoundToSecret(id);
    case SealedPlace::kAccessKey:
      break;
  }
  return BoundToKey(name, owner_id);
}

std::string SealedText::Remedy() const {
  switch (place) {
    case SealedPlace::kPassword:
    case SealedPlace::kNextPassword:
      return "set the password again with ALTER REDSHIFT CONNECTION";
    case SealedPlace::kSecret:
      return "set the value again with ALTER SECRET";
    case SealedPlace::kAccessKey:
      break;
  }
  return "drop the key and make another one";
}

std::string SealedText::Shown() const {
  const auto quoted = base::QuoteIdentifier(name);
  switch (place) {
    case SealedPlace::kPassword:
      return "password of connection " + quoted;
    case SealedPlace::kNextPassword:
      return "PASSWORD_NEXT of connection " + quoted;
    case SealedPlace::kSecret:
      return "value of secret " + quoted;
    case SealedPlace::kAccessKey:
      break;
  }
  return "secret of access key " + name;
}

Result<std::vector<SealedText>> ListSealedTexts(sqlite::Database& database) {
  std::vector<SealedText> texts;
  for (const auto& queries : kPlaces) BERTH_TRY(ReadInto(database.Query(queries.all), queries.place, texts));
  return texts;
}

Result<std::vector<SealedText>> FindSealedText(sqlite::Database& database, SealedPlace place, std::int64_t id) {
  std::vector<SealedText> texts;
  BERTH_TRY(ReadInto(database.Query(QueriesOf(place).one, id), place, texts));
  return texts;
}

Result<std::vector<SealedText>> OtherSealedText(sqlite::Database& database, SealedPlace place, std::int64_t id) {
  std::vector<SealedText> texts;
  for (const auto& queries : kPlaces) {
    const std::int64_t own = queries.place == place ? id : 0;  // no id is 0
    BERTH_TRY(ReadInto(database.Query(queries.other, own), queries.place, texts));
    if (!texts.empty()) break;
  }
  return texts;
}

Status StoreSealedText(sqlite::Database& database, const SealedText& text, std::string_view sealed) {
  BERTH_ASSIGN(auto update, database.Prepare(QueriesOf(text.place).store));
  update.BindBlob(sealed);
  update.Bind(text.id);
  return update.Run();
}

}  // namespace berth::catalog
