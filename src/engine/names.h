#pragma once

#include <string_view>

#include "berth/error.h"
#include "catalog/store.h"
#include "parser/ast.h"

namespace berth::engine {

// The connection, job or group of that name. Errors: kNotFound, pointing at the name, with the nearest name there is.
Result<catalog::Connection> RequireConnection(catalog::Transaction& transaction, const parser::Identifier& name);
Result<catalog::Job> RequireJob(catalog::Transaction& transaction, const parser::Identifier& name);

// Whether a new object may have that name: `system` is refused, and so are a URL with a password, `existing`, with
// `hint`, and what differs from it only in case.
Status CheckNewName(std::string_view kind, const parser::Identifier& name, const std::optional<std::string>& existing,
                    std::string_view hint);
inline constexpr std::string_view kOnCreateHint = "CREATE OR REPLACE changes it, IF NOT EXISTS leaves it as it is.";

Result<catalog::StoredSecret> RequireSecret(catalog::Transaction& transaction, const parser::Identifier& name);
Error NoSuchSecret(catalog::Transaction& transaction, const parser::Identifier& name);
Result<catalog::ConnectionGroup> RequireGroup(catalog::Transaction& transaction, const parser::Identifier& name);
// A service user; as above.
Result<catalog::ServiceUser> RequireServiceUser(catalog::Transaction& transaction, const parser::Identifier& name);
Error NoSuchServiceUser(catalog::Transaction& transaction, const parser::Identifier& name);
Error NoSuchGroup(catalog::Transaction& transaction, const parser::Identifier& name);
Error NoSuchConnection(catalog::Transaction& transaction, const parser::Identifier& name);

}  // namespace berth::engine
