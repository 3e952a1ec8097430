#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "berth/secret.h"
#include "catalog/files.h"

// The file that holds the keys of what is sealed: a header line, then a key a line as base64. The first is the one that
// counts; those behind it were before it, and open what was sealed with them. It is read each time it is needed, so
// that a key that was put back or replaced counts at once.
namespace berth::catalog {

inline constexpr std::size_t kKeysMax = 8;

// Empty: the file is not there. Errors: kFailedPrecondition (others may read it, or it is no key file),
// kCatalogUnavailable (it cannot be read).
Result<std::vector<Secret>> ReadKeys(const std::string& path);
// The one that counts; nullopt: the file is not there.
Result<std::optional<Secret>> ReadKey(const std::string& path);
// The key with that fingerprint; null: it is not among them.
const Secret* FindKey(const std::vector<Secret>& keys, std::string_view fingerprint);

// Makes the file with a new key, mode 0600; where another process was faster, its key is the one.
Result<Secret> MakeKey(const std::string& path);
// A new file with these keys.
Result<Made> MakeKeyFile(const std::string& path, const std::vector<Secret>& keys);
// The file holds these keys from now on, in one step; its mode and owner stay. Errors: kDiskFull, kCatalogUnavailable.
Status ReplaceKeys(const std::string& path, const std::vector<Secret>& keys);

}  // namespace berth::catalog
