#pragma once

#include <optional>
#include <string>

#include "berth/error.h"
#include "berth/secret.h"

// The file that holds the key of the sealed passwords: a header line, then the key as base64. It is read each time it
// is needed, so that a key that was put back or replaced counts at once.
namespace berth::catalog {

// nullopt: the file is not there. Errors: kFailedPrecondition (others may read it, or it is no key file),
// kCatalogUnavailable (it cannot be read).
Result<std::optional<Secret>> ReadKey(const std::string& path);

// Makes the file with a new key, mode 0600; where another process was faster, its key is the one.
Result<Secret> MakeKey(const std::string& path);

}  // namespace berth::catalog
