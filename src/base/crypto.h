#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "berth/error.h"
#include "berth/secret.h"

// The only home of libsodium and of nettle, whose SHA-256 uses what the processor has for it. Safe from many threads.
namespace berth::base {

std::string Sha256Hex(std::string_view bytes);  // 64 lower-case hex digits

// HMAC-SHA-256, 32 bytes. The result is a key as well: signatures derive one from the other.
Secret HmacSha256(const Secret& key, std::string_view message);
// Whether `hex` (64 lower-case hex digits) is the HMAC of the message; in constant time.
bool HmacMatches(const Secret& key, std::string_view message, std::string_view hex);
bool SameSecret(const Secret& a, const Secret& b);  // in constant time for secrets of one length
// `prefix` before the secret's own bytes: some keys are made so ("AWS4" and the secret).
Secret Prefixed(std::string_view prefix, const Secret& secret);

// Bytes of the kernel's generator.
std::string RandomBytes(std::size_t count);
Secret RandomKey();  // kSealKeyBytes of them

std::string EncodeBase64(std::string_view bytes);           // with padding
std::optional<Secret> DecodeBase64(std::string_view text);  // nullopt: not base64

// The first 8 hex digits of a BLAKE2b hash of the key: tells keys apart and says nothing about them.
std::string KeyFingerprint(std::string_view key);

// XChaCha20-Poly1305: nonce, sealed text and tag in one string. What is opened must have been sealed with the same key
// and the same `associated` data, byte for byte. `key` has kSealKeyBytes; any other length is kInternal.
inline constexpr std::size_t kSealKeyBytes = 32;
Result<std::string> Seal(std::string_view key, std::string_view associated, std::string_view plain);
// nullopt: another key, other associated data, or the sealed text was touched; which of them cannot be told.
std::optional<Secret> Unseal(std::string_view key, std::string_view associated, std::string_view sealed);

}  // namespace berth::base
