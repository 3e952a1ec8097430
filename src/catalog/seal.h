#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "berth/error.h"
#include "berth/secret.h"

// Secrets at rest. A sealed text opens only for what it was sealed for: a row that was edited in the file, or a sealed
// text that was moved to another row, does not send a password elsewhere or give a key to another user.
namespace berth::catalog {

// What a literal password is bound to: connection, URL, host and user.
struct SealedFor {
  std::int64_t connection_id = 0;
  std::string_view connection_string, host, user_name;
};
std::string BoundTo(const SealedFor& whose);
std::string BoundToSecret(std::int64_t secret_id);
// What an access key's secret is bound to.
std::string BoundToKey(std::string_view key_id, std::int64_t user_id);

// One byte of version, the key's fingerprint (8 hex digits), then what base::Seal made.
Result<std::string> SealSecret(const Secret& key, std::string_view bound_to, const Secret& secret);

// Empty: it is no sealed text.
std::string_view FingerprintIn(std::string_view sealed);

// nullopt: the row or the sealed text was edited. The caller has compared the fingerprints.
std::optional<Secret> OpenSealed(const Secret& key, std::string_view bound_to, std::string_view sealed);

}  // namespace berth::catalog
