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

}  // namespace

std::string BoundTo(const SealedFor& whose) {
  std::string bytes(1, kVersion);
  AppendNumber(bytes, static_cast<std::uint64_t>(whose.connection_id));
  AppendText(bytes, whose.connection_string);
  AppendText(bytes, whose.host);
  AppendText(bytes, whose.user_name);
  return bytes;
}

std::string BoundToSecret(std::int64_t secret_id) {
  std::string bytes = "secret";  // no password's begins so
  AppendNumber(bytes, static_cast<std::uint64_t>(secret_id));
  return bytes;
}

std::string BoundToKey(std::string_view key_id, std::int64_t user_id) {
  std::string bytes = "access key";  // no password's begins so
  AppendText(bytes, key_id);
  AppendNumber(bytes, static_cast<std::uint64_t>(user_id));
  return bytes;
}

Result<std::string> SealSecret(const Secret& key, std::string_view bound_to, const Secret& secret) {
  BERTH_ASSIGN(const std::string body, base::Seal(key.Reveal(), bound_to, secret.Reveal()));
  return std::string(1, kVersion) + base::KeyFingerprint(key.Reveal()) + body;
}

std::string_view FingerprintIn(std::string_view sealed) {
  if (sealed.size() < kHeadSize || sealed.front() != kVersion) return {};
  return sealed.substr(1, kFingerprintSize);
}

std::optional<Secret> OpenSealed(const Secret& key, std::string_view bound_to, std::string_view sealed) {
  if (FingerprintIn(sealed).empty()) return std::nullopt;
  return base::Unseal(key.Reveal(), bound_to, sealed.substr(kHeadSize));
}

}  // namespace berth::catalog
