#pragma once

#include <cstdint>
#include <string_view>

#include "berth/error.h"
#include "catalog/records.h"

// The words of the file for the enumerations of records.h. A word that is not known cannot be there (CHECK).
namespace berth::catalog {

std::string_view TableStateName(TableState state);
TableState TableStateOf(std::string_view name);
Role RoleOf(std::string_view name);
Found FoundOf(std::string_view name);

// password_kind of the file; a secret is 'prompt' there, with its id beside it.
std::string_view PasswordKindName(PasswordKind kind);
PasswordKind PasswordKindOf(std::string_view name);

// kNotFound: a row that was there when its id was read.
Error NoSuchRow(std::string_view kind, std::int64_t id);
// A row that refers to a connection which is not there: kNotFound in place of the foreign key's error; any other as it
// is.
Error MissingConnection(Error error, std::int64_t connection_id);

}  // namespace berth::catalog
