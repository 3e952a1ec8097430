#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "berth/secret.h"
#include "catalog/seal.h"
#include "sqlite/database.h"

// The places of the catalog that hold a sealed text: passwords and second passwords of connections, secrets, the
// secrets of access keys.
namespace berth::catalog {

enum class SealedPlace : std::uint8_t { kPassword, kNextPassword, kSecret, kAccessKey };

struct SealedText {
  SealedPlace place = SealedPlace::kPassword;
  std::int64_t id = 0;  // of an access key, whose own is its name: the row's
  std::string name;     // of the connection or secret
  std::string connection_string, host, user_name;
  std::string sealed;
  std::int64_t owner_id = 0;  // of an access key: its user

  std::string bound_to() const;  // what it is sealed for, as the row says now
  std::string Shown() const;     // "password of connection c"
  std::string Remedy() const;    // what else to do where it does not open
};

// All of them, or the one of that place and id; of the latter at most one.
Result<std::vector<SealedText>> ListSealedTexts(sqlite::Database& database);
Result<std::vector<SealedText>> FindSealedText(sqlite::Database& database, SealedPlace place, std::int64_t id);
// One that is not of that place and id, the newest of its kind; empty: there is none.
Result<std::vector<SealedText>> OtherSealedText(sqlite::Database& database, SealedPlace place, std::int64_t id);
Status StoreSealedText(sqlite::Database& database, const SealedText& text, std::string_view sealed);

}  // namespace berth::catalog
