#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "berth/error.h"
#include "berth/secret.h"

// Literal passwords at rest. A sealed text opens only for the connection, URL, host and user that it was sealed for: a
// row that was edited in the file, or a sealed text that was moved to another row, does not send a password elsewhere.
namespace berth::catalog {

struct SealedFor {
  std::int64_t connection_id = 0;
  std::string_view connection_string, host, user_name;
};

// One byte of version, the key's fingerprint (8 hex digits), then what base::Seal made.
Result<std::string> SealPassword(const Secret& key, const SealedFor& whose, const Secret& password);

// Empty: it is no sealed text.
std::string_view FingerprintIn(std::string_view sealed);

// nullopt: the row or the sealed text was edited. The caller has compared the fingerprints.
std::optional<Secret> OpenSealed(const Secret& key, const SealedFor& whose, std::string_view sealed);

}  // namespace berth::catalog
