#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "berth/connection_tuning.h"
#include "berth/error.h"
#include "bind/password_source.h"
#include "parser/ast.h"

namespace berth::bind {

// What a CREATE or ALTER says, as meant. In a CREATE all required ones are there; in an ALTER only what is to change.
struct ConnectionOptions {
  std::optional<std::string> connection_string;  // as written; ParseConnectionUrl takes it
  std::optional<std::string> user_name;
  std::optional<PasswordSource> password, password_next;
  std::optional<std::int32_t> max_concurrent_connections;
  std::optional<std::string> comment;
  ConnectionTuning tuning;
  std::optional<parser::Identifier> group;
};

// What CREATE or ALTER CONNECTION GROUP says.
struct GroupOptions {
  std::optional<std::int32_t> max_concurrent_connections;
  std::optional<std::string> comment;
};

// One row of the option table (option_table.def): the source of binding, SHOW CONNECTION OPTIONS, completion and
// README.
struct OptionFacts {
  std::string_view name, type, range, default_value, description;
  bool required = false, secret = false, alterable = true, unsettable = false;
};
std::span<const OptionFacts> OptionTable();

// Errors (all with a span): unknown option (did you mean), given twice, missing ones (all of them in one error, also
// "PASSWORD" where the URL holds one: it must not), wrong type, out of range; options of the design that this version
// does not have yet: kNotSupported. No error repeats the value of a secret option.
Result<ConnectionOptions> BindCreate(const parser::CreateConnection& statement);
Result<ConnectionOptions> BindSet(const parser::AlterConnectionSet& change);
// Which options go back to their defaults, by their names in the table. Errors: unknown, required (cannot be unset),
// twice.
Result<std::vector<std::string_view>> BindUnset(const parser::AlterConnectionUnset& change);

// Errors: as above. A group needs MAX_CONCURRENT_CONNECTIONS.
Result<GroupOptions> BindGroupCreate(const parser::CreateGroup& statement);
Result<GroupOptions> BindGroupSet(const parser::AlterConnectionSet& change);
// Only COMMENT can be unset.
Status CheckGroupUnset(const parser::AlterConnectionUnset& change);

inline constexpr std::int32_t kSessionsDefault = 10;  // MAX_CONCURRENT_CONNECTIONS where none is given
inline constexpr std::int32_t kSessionsMax = 2000;    // Redshift's own limit a cluster
inline constexpr std::size_t kUserNameBytesMax = 127;
inline constexpr std::size_t kPasswordBytesMax = 1'024;
inline constexpr std::size_t kReferenceBytesMax = 4'096;  // ENV's variable and FILE's path
inline constexpr std::size_t kCommentCharactersMax = 1'000;

}  // namespace berth::bind
