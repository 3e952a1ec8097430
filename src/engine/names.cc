#include "engine/names.h"

#include <fmt/core.h>

#include <string>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "parser/redact.h"

namespace berth::engine {
namespace {

Error NoSuch(std::string_view kind, std::string_view all, const parser::Identifier& name,
             const std::vector<std::string_view>& known) {
  Error error{.code = ErrorCode::kNotFound,
              .message = fmt::format("{} {} does not exist", kind, base::QuoteIdentifier(name.name))};
  const auto near = base::DidYouMean(name.name, known);
  error.hint = near ? fmt::format("Did you mean {}?", base::QuoteIdentifier(*near))
                    : fmt::format("SHOW {} lists those that there are.", all);
  if (name.span.length > 0) error.span = name.span;
  return error;
}

}  // namespace

Error NoSuchConnection(catalog::Transaction& transaction, const parser::Identifier& name) {
  std::vector<std::string> all;
  if (auto listed = transaction.ConnectionNames(); listed.ok()) all = std::move(listed).value();
  return NoSuch("connection", "CONNECTIONS", name, {all.begin(), all.end()});
}

Result<catalog::Connection> RequireConnection(catalog::Transaction& transaction, const parser::Identifier& name) {
  BERTH_ASSIGN(auto found, transaction.FindConnection(name.name));
  if (found) return *std::move(found);
  return NoSuchConnection(transaction, name);
}

Result<catalog::Job> RequireJob(catalog::Transaction& transaction, const parser::Identifier& name) {
  BERTH_ASSIGN(auto found, transaction.FindJob(name.name));
  if (found) return *std::move(found);
  std::vector<std::string> all;
  if (auto listed = transaction.JobNames(); listed.ok()) all = std::move(listed).value();
  return NoSuch("job", "JOBS", name, {all.begin(), all.end()});
}

Error NoSuchGroup(catalog::Transaction& transaction, const parser::Identifier& name) {
  std::vector<catalog::ConnectionGroup> all;
  if (auto listed = transaction.ListGroups(); listed.ok()) all = std::move(listed).value();
  std::vector<std::string_view> known;
  for (const auto& group : all) known.push_back(group.name);
  return NoSuch("connection group", "CONNECTION GROUPS", name, known);
}

Result<catalog::ConnectionGroup> RequireGroup(catalog::Transaction& transaction, const parser::Identifier& name) {
  BERTH_ASSIGN(auto found, transaction.FindGroup(name.name));
  if (found) return *std::move(found);
  return NoSuchGroup(transaction, name);
}

Error NoSuchServiceUser(catalog::Transaction& transaction, const parser::Identifier& name) {
  std::vector<catalog::ServiceUser> all;
  if (auto listed = transaction.ListServiceUsers(); listed.ok()) all = std::move(listed).value();
  std::vector<std::string_view> known;
  for (const auto& user : all) known.push_back(user.name);
  return NoSuch("service user", "SERVICE USERS", name, known);
}

Result<catalog::ServiceUser> RequireServiceUser(catalog::Transaction& transaction, const parser::Identifier& name) {
  BERTH_ASSIGN(auto found, transaction.FindServiceUser(name.name));
  if (found) return *std::move(found);
  return NoSuchServiceUser(transaction, name);
}

Error NoSuchSecret(catalog::Transaction& transaction, const parser::Identifier& name) {
  std::vector<catalog::StoredSecret> all;
  if (auto listed = transaction.ListSecrets(); listed.ok()) all = std::move(listed).value();
  std::vector<std::string_view> known;
  for (const auto& secret : all) known.push_back(secret.name);
  return NoSuch("secret", "SECRETS", name, known);
}

Result<catalog::StoredSecret> RequireSecret(catalog::Transaction& transaction, const parser::Identifier& name) {
  BERTH_ASSIGN(auto found, transaction.FindSecret(name.name));
  if (found) return *std::move(found);
  return NoSuchSecret(transaction, name);
}

Status CheckNewName(std::string_view kind, const parser::Identifier& name, const std::optional<std::string>& existing,
                    std::string_view hint) {
  if (base::EqualsIgnoreCase(name.name, "system")) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("\"{}\" is not a name for a {}: system is where Berth's own tables are",
                                        name.name, kind),
                 .hint = "Choose another name.",
                 .sqlstate = "42939",
                 .span = name.span};
  }
  if (parser::RedactUrl(name.name) != name.name) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("the name of the {} holds a secret, which would be stored in clear", kind),
                 .hint = "Take the password out of it.",
                 .span = name.span};
  }
  if (!existing) return {};
  if (*existing == name.name) {
    return Error{.code = ErrorCode::kAlreadyExists,
                 .message = fmt::format("{} {} already exists", kind, base::QuoteIdentifier(name.name)),
                 .hint = std::string(hint),
                 .span = name.span};
  }
  return Error{.code = ErrorCode::kAlreadyExists,
               .message = fmt::format("{} {} already exists: \"{}\" differs from it only in case", kind,
                                      base::QuoteIdentifier(*existing), name.name),
               .hint = "Names that differ only in case would be mistaken for each other; choose another one.",
               .span = name.span};
}

}  // namespace berth::engine
