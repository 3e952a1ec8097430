#include "base/checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace berth::base {

std::uint64_t Checksum(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

struct ChecksumOfPieces::State {
  XXH3_state_t state;
};

ChecksumOfPieces::ChecksumOfPieces() : state_(std::make_unique<State>()) {
  XXH3_64bits_reset(&state_->state);
}

ChecksumOfPieces::~ChecksumOfPieces() = default;

void ChecksumOfPieces::Add(std::string_view piece) {
  XXH3_64bits_update(&state_->state, piece.data(), piece.size());
}

std::uint64_t ChecksumOfPieces::Value() const {
  return XXH3_64bits_digest(&state_->state);
}

}  // namespace berth::base
