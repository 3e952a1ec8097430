#include "base/sealer.h"

#include "base/crypto.h"

namespace berth::base {

Result<std::string> Sealer::Seal(std::string_view associated, std::string_view plain) const {
  return base::Seal(keys_.front().Reveal(), associated, plain);
}

std::optional<std::string> Sealer::Open(std::string_view associated, std::string_view sealed) const {
  for (const auto& key : keys_) {
    if (const auto plain = Unseal(key.Reveal(), associated, sealed)) return std::string(plain->Reveal());
  }
  return std::nullopt;
}

}  // namespace berth::base
