#pragma once

#include "catalog/records.h"
#include "engine/listing.h"
#include "engine/shared.h"
#include "parser/ast.h"

namespace berth::engine {

// Service users, their keys and what they were granted, as SHOW and the system tables show them. Never a secret.
Result<Listing> ServiceUsersListing(CatalogScope& scope);
Result<Listing> AccessKeysListing(CatalogScope& scope);
Result<Listing> GrantsListing(CatalogScope& scope);

// The key that a CREATE ACCESS KEY asks for, without an id and a secret: none is made. Errors: those of the statement.
Result<catalog::AccessKey> PlanAccessKey(const parser::CreateAccessKey& statement, CatalogScope& scope);

inline constexpr std::size_t kLiveKeysMax = 2;     // of a user: one in use, one that takes its place
inline constexpr std::size_t kKeysOfUserMax = 20;  // with those that are disabled or have ended

}  // namespace berth::engine
