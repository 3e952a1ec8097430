#include "base/crypto.h"

#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <sodium.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace berth::base {
namespace {

static_assert(kSealKeyBytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kFingerprintBytes = 4;
constexpr int kBase64 = sodium_base64_VARIANT_ORIGINAL;

// Without its generator nothing here may go on; sodium_init fails only where the kernel has no random bytes to give.
void Ready() {
  static const bool kReady = sodium_init() >= 0;
  if (!kReady) std::abort();
}

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

std::string Hex(const unsigned char* bytes, std::size_t count) {
  std::string hex(count * 2 + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), bytes, count);
  hex.pop_back();
  return hex;
}

}  // namespace

std::string Sha256Hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_SIZE> hash{};
  sha256_ctx state;
  sha256_init(&state);
  sha256_update(&state, bytes.size(), Bytes(bytes));
  sha256_digest(&state, hash.size(), hash.data());
  return Hex(hash.data(), hash.size());
}

Secret HmacSha256(const Secret& key, std::string_view message) {
  hmac_sha256_ctx state;
  std::string mac(SHA256_DIGEST_SIZE, '\0');
  hmac_sha256_set_key(&state, key.Reveal().size(), Bytes(key.Reveal()));
  hmac_sha256_update(&state, message.size(), Bytes(message));
  hmac_sha256_digest(&state, mac.size(), Bytes(mac));
  sodium_memzero(&state, sizeof state);
  return Secret(std::move(mac));
}

bool HmacMatches(const Secret& key, std::string_view message, std::string_view hex) {
  const Secret mac = HmacSha256(key, message);
  std::string expected = Hex(Bytes(mac.Reveal()), mac.Reveal().size());
  const bool same = hex.size() == expected.size() && sodium_memcmp(hex.data(), expected.data(), expected.size()) == 0;
  Wipe(expected);
  return same;
}

bool SameSecret(const Secret& a, const Secret& b) {
  Ready();
  return a.Reveal().size() == b.Reveal().size() &&
         sodium_memcmp(a.Reveal().data(), b.Reveal().data(), a.Reveal().size()) == 0;
}

Secret Prefixed(std::string_view prefix, const Secret& secret) {
  std::string bytes;
  bytes.reserve(prefix.size() + secret.Reveal().size());
  bytes.append(prefix).append(secret.Reveal());
  return Secret(std::move(bytes));
}

std::string RandomBytes(std::size_t count) {
  Ready();
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

Secret RandomKey() {
  return Secret(RandomBytes(kSealKeyBytes));
}

std::string EncodeBase64(std::string_view bytes) {
  Ready();
  std::string text(sodium_base64_encoded_len(bytes.size(), kBase64), '\0');
  sodium_bin2base64(text.data(), text.size(), Bytes(bytes), bytes.size(), kBase64);
  text.pop_back();  // the terminating zero
  return text;
}

std::optional<Secret> DecodeBase64(std::string_view text) {
  Ready();
  std::string bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t count = 0;
  const bool good =
      sodium_base642bin(Bytes(bytes), bytes.size(), text.data(), text.size(), nullptr, &count, nullptr, kBase64) == 0;
  if (!good) {
    Wipe(bytes);
    return std::nullopt;
  }
  bytes.resize(count);
  return Secret(std::move(bytes));
}

std::string KeyFingerprint(std::string_view key) {
  Ready();
  static constexpr std::string_view kPurpose = "berth key fingerprint";
  std::array<unsigned char, crypto_generichash_BYTES> hash{};
  crypto_generichash(hash.data(), hash.size(), Bytes(key), key.size(), Bytes(kPurpose), kPurpose.size());
  return Hex(hash.data(), kFingerprintBytes);
}

Result<std::string> Seal(std::string_view key, std::string_view associated, std::string_view plain) {
  Ready();
  if (key.size() != kSealKeyBytes) return Error{.code = ErrorCode::kInternal, .message = "A sealing key has 32 bytes"};
  std::string sealed = RandomBytes(kNonceBytes);
  sealed.resize(kNonceBytes + plain.size() + kTagBytes);
  unsigned long long written = 0;  // NOLINT(google-runtime-int): libsodium's type
  crypto_aead_xchacha20poly1305_ietf_encrypt(Bytes(sealed) + kNonceBytes, &written, Bytes(plain), plain.size(),
                                             Bytes(associated), associated.size(), nullptr, Bytes(sealed), Bytes(key));
  return sealed;
}

std::optional<Secret> Unseal(std::string_view key, std::string_view associated, std::string_view sealed) {
  Ready();
  if (key.size() != kSealKeyBytes || sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  std::string plain(sealed.size() - kNonceBytes - kTagBytes, '\0');
  unsigned long long written = 0;  // NOLINT(google-runtime-int): libsodium's type
  const int rc = crypto_aead_xchacha20poly1305_ietf_decrypt(
      Bytes(plain), &written, nullptr, Bytes(sealed) + kNonceBytes, sealed.size() - kNonceBytes, Bytes(associated),
      associated.size(), Bytes(sealed), Bytes(key));
  if (rc != 0) {
    Wipe(plain);
    return std::nullopt;
  }
  return Secret(std::move(plain));
}

}  // namespace berth::base
