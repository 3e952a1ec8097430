#include "base/sealer.h"

#include "base/crypto.h"

namespace berth::base {

Result<std::string> Sealer::Seal(std::string_view associated, std::string_view plain) const {
  return base::Seal(key_.Reveal(), associated, plain);
}

std::optional<std::string> Sealer::Open(std::string_view associated, std::string_view sealed) const {
  const auto plain = Unseal(key_.Reveal(), associated, sealed);
  if (!plain) return std::nullopt;
  return std::string(plain->Reveal());
}

}  // namespace berth::base
