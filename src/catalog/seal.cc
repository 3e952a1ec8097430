#include "catalog/seal.h"

#include <array>
#include <bit>
#include <cstring>

#include "base/crypto.h"
#include "base/try.h"

namespace berth::catalog {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kFingerprintSize = 8;
constexpr std::size_t kHeadSize = 1 + kFingerprintSize;

void AppendNumber(std::string& bytes, std::uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>((number >> shift) & 0xff);
}
// With its length in front, so that no two triples of texts make the same bytes.
void AppendText(std::string& bytes, std::string_view text) {
  AppendNumber(bytes, text.size());
  bytes += text;
}

std::string AssociatedData(const SealedFor& whose) {
  std::string bytes(1, kVersion);
  AppendNumber(bytes, static_cast<std::uint64_t>(whose.connection_id));
  AppendText(bytes, whose.connection_string);
  AppendText(bytes, whose.host);
  AppendText(bytes, whose.user_name);
  return bytes;
}

}  // namespace

Result<std::string> SealPassword(const Secret& key, const SealedFor& whose, const Secret& password) {
  BERTH_ASSIGN(const std::string body, base::Seal(key.Reveal(), AssociatedData(whose), password.Reveal()));
  return std::string(1, kVersion) + base::KeyFingerprint(key.Reveal()) + body;
}

std::string_view FingerprintIn(std::string_view sealed) {
  if (sealed.size() < kHeadSize || sealed.front() != kVersion) return {};
  return sealed.substr(1, kFingerprintSize);
}

std::optional<Secret> OpenSealed(const Secret& key, const SealedFor& whose, std::string_view sealed) {
  if (FingerprintIn(sealed).empty()) return std::nullopt;
  return base::Unseal(key.Reveal(), AssociatedData(whose), sealed.substr(kHeadSize));
}

}  // namespace berth::catalog
