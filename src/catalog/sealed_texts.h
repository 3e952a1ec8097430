#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "berth/secret.h"
#include "catalog/seal.h"
#include "sqlite/database.h"

// The places of the catalog that hold a sealed text: passwords and second passwords of connections, secrets.
namespace berth::catalog {

enum class SealedPlace : std::uint8_t { kPassword, kNextPassword, kSecret };

struct SealedText {
  SealedPlace place = SealedPlace::kPassword;
  std::int64_t id = 0;
  std::string name;  // of the connection or secret
  std::string connection_string, host, user_name;
  std::string sealed;

  SealedFor whose() const {
    return {.connection_id = id, .connection_string = connection_string, .host = host, .user_name = user_name};
  }
  std::string Shown() const;  // "password of connection c"
};

// What a secret's text is sealed for, besides its id: no connection's URL looks so.
inline constexpr std::string_view kSealedForSecret = "secret";

// All of them, or the one of that place and id; of the latter at most one.
Result<std::vector<SealedText>> ListSealedTexts(sqlite::Database& database);
Result<std::vector<SealedText>> FindSealedText(sqlite::Database& database, SealedPlace place, std::int64_t id);
// One that is not of that place and id, the newest of its kind; empty: there is none.
Result<std::vector<SealedText>> OtherSealedText(sqlite::Database& database, SealedPlace place, std::int64_t id);
Status StoreSealedText(sqlite::Database& database, const SealedText& text, std::string_view sealed);

}  // namespace berth::catalog
