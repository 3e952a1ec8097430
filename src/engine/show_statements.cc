#include <fmt/core.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "catalog/utc.h"
#include "engine/catalog_statements.h"
#include "engine/connection_state.h"
#include "engine/like.h"
#include "engine/listing.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "engine/tuning.h"
#include "engine/usages.h"
#include "parser/parse.h"
#include "parser/redact.h"

namespace berth::engine {
namespace {

std::optional<std::string> NullIfEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

std::string ShownPassword(const catalog::Connection& connection) {
  switch (connection.password_kind) {
    case catalog::PasswordKind::kLiteral:
      return std::string(parser::kMask);
    case catalog::PasswordKind::kEnv:
      return "ENV " + base::QuoteLiteral(connection.password_reference);
    case catalog::PasswordKind::kFile:
      return "FILE " + base::QuoteLiteral(connection.password_reference);
    case catalog::PasswordKind::kCommand:
      return "COMMAND " + base::QuoteLiteral(connection.password_reference);
    case catalog::PasswordKind::kPrompt:
      return "PROMPT";
    case catalog::PasswordKind::kSecret:
      return "SECRET " + base::QuoteIdentifier(connection.secret->name);
  }
  return {};
}

std::string ShownCap(const catalog::Connection& connection) {
  return connection.max_concurrent_connections ? std::to_string(*connection.max_concurrent_connections)
                                               : fmt::format("{} (default)", bind::kSessionsDefault);
}

std::string ShownState(const Shared& shared, const catalog::Connection& connection) {
  std::string state(ConnectionState(shared, connection));
  if (state == "paused" && connection.pause->until) state += " until " + catalog::UtcText(*connection.pause->until);
  return state;
}

parser::Value SourceValue(catalog::PasswordKind kind, const std::string& reference) {
  switch (kind) {
    case catalog::PasswordKind::kLiteral:
      return {.form = parser::ValueForm::kString, .text = std::string(parser::kMask)};
    case catalog::PasswordKind::kEnv:
      return {.form = parser::ValueForm::kEnv, .text = reference};
    case catalog::PasswordKind::kFile:
      return {.form = parser::ValueForm::kFile, .text = reference};
    case catalog::PasswordKind::kCommand:
      return {.form = parser::ValueForm::kCommand, .text = reference};
    case catalog::PasswordKind::kPrompt:
      return {.form = parser::ValueForm::kPrompt};
    case catalog::PasswordKind::kSecret:
      return {.form = parser::ValueForm::kSecret, .text = reference};
  }
  return {};
}

parser::Value Text(std::string text) {
  return {.form = parser::ValueForm::kString, .text = std::move(text)};
}

// The statement that makes it again. A literal password is masked and a comment says so.
std::string CreateText(const catalog::Connection& connection) {
  parser::CreateConnection create;
  create.name.name = connection.name;
  create.options.push_back({.name = {.name = "CONNECTION_STRING"}, .value = Text(connection.connection_string)});
  create.options.push_back({.name = {.name = "USER_NAME"}, .value = Text(connection.user_name)});
  create.options.push_back(
      {.name = {.name = "PASSWORD"},
       .value = SourceValue(connection.password_kind,
                            connection.secret ? connection.secret->name : connection.password_reference)});
  if (connection.next) {
    create.options.push_back(
        {.name = {.name = "PASSWORD_NEXT"}, .value = SourceValue(connection.next->kind, connection.next->reference)});
  }
  if (connection.max_concurrent_connections) {
    create.options.push_back({.name = {.name = "MAX_CONCURRENT_CONNECTIONS"},
                              .value = {.form = parser::ValueForm::kNumber,
                                        .text = std::to_string(*connection.max_concurrent_connections)}});
  }
  for (auto& option : OptionsOf(connection.tuning)) create.options.push_back(std::move(option));
  if (connection.group) {
    create.options.push_back(
        {.name = {.name = "GROUP"}, .value = {.form = parser::ValueForm::kIdentifier, .text = connection.group->name}});
  }
  if (!connection.comment.empty())
    create.options.push_back({.name = {.name = "COMMENT"}, .value = Text(connection.comment)});
  std::string text = parser::Print(create, parser::PrintMode::kReadable) + ";";
  const bool next_masked = connection.next && connection.next->kind == catalog::PasswordKind::kLiteral;
  if (connection.password_kind == catalog::PasswordKind::kLiteral || next_masked) {
    text = "-- The password is not shown: put it in place of the asterisks.\n" + text;
  }
  return text;
}

}  // namespace

Result<Outcome> Run(const parser::ShowConnections& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto all, scope.transaction.ListConnections());
  RowsBuilder rows(
      {"name", "connection_string", "user_name", "password", "max_concurrent_connections", "state", "comment"});
  for (const auto& connection : all) {
    if (statement.like && !MatchesLike(connection.name, *statement.like)) continue;
    rows.Add({connection.name, parser::RedactUrl(connection.connection_string), connection.user_name,
              ShownPassword(connection), ShownCap(connection), ShownState(scope.shared, connection),
              NullIfEmpty(connection.comment)});
  }
  if (all.empty() && scope.served == nullptr) {
    Tell(scope.notices, "NOTICE", fmt::format("the catalog {} has no connections", scope.shared.store.Name()), {},
         "--catalog or BERTH_CATALOG names another one; CREATE REDSHIFT CONNECTION makes a connection.");
  }
  return rows.Build();
}

Result<Outcome> Run(const parser::ShowConnectionOptions&, CatalogScope&) {
  RowsBuilder rows({"name", "type", "range", "default", "required", "alterable", "description"});
  rows.Kind(4, ValueKind::kBoolean).Kind(5, ValueKind::kBoolean);
  for (const auto& option : bind::OptionTable()) {
    rows.Add({std::string(option.name), std::string(option.type), NullIfEmpty(std::string(option.range)),
              NullIfEmpty(std::string(option.default_value)), option.required ? "t" : "f", option.alterable ? "t" : "f",
              std::string(option.description)});
  }
  return rows.Build();
}

Result<Outcome> Run(const parser::ShowCreateConnection& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto connection, RequireConnection(scope.transaction, statement.name));
  RowsBuilder rows({"name", "statement"});
  rows.Add({connection.name, CreateText(connection)});
  return rows.Build();
}

Result<Outcome> Run(const parser::ShowPools&, CatalogScope& scope) {
  BERTH_ASSIGN(auto listing, PoolsListing(scope));
  return RowsOf(std::move(listing));
}

Result<Outcome> Run(const parser::ShowSlots& statement, CatalogScope& scope) {
  BERTH_ASSIGN(auto connection, RequireConnection(scope.transaction, statement.name));
  std::vector<catalog::Connection> one;
  one.push_back(std::move(connection));
  return RowsOf(SlotsListing(scope.shared, one));
}

}  // namespace berth::engine
