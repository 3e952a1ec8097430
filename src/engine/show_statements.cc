#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "catalog/utc.h"
#include "engine/catalog_statements.h"
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
  }
  return {};
}

std::string ShownCap(const catalog::Connection& connection) {
  return connection.max_concurrent_connections ? std::to_string(*connection.max_concurrent_connections)
                                               : fmt::format("{} (default)", bind::kSessionsDefault);
}

std::string ShownState(const catalog::Connection& connection, Clock::Wall now) {
  if (!connection.pause || connection.pause->Over(now)) return "open";
  const auto& until = connection.pause->until;
  return until ? "paused until " + catalog::UtcText(*until) : "paused";
}

parser::Value PasswordValue(const catalog::Connection& connection) {
  switch (connection.password_kind) {
    case catalog::PasswordKind::kLiteral:
      return {.form = parser::ValueForm::kString, .text = std::string(parser::kMask)};
    case catalog::PasswordKind::kEnv:
      return {.form = parser::ValueForm::kEnv, .text = connection.password_reference};
    case catalog::PasswordKind::kFile:
      return {.form = parser::ValueForm::kFile, .text = connection.password_reference};
    case catalog::PasswordKind::kCommand:
      return {.form = parser::ValueForm::kCommand, .text = connection.password_reference};
    case catalog::PasswordKind::kPrompt:
      return {.form = parser::ValueForm::kPrompt};
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
  create.options.push_back({.name = {.name = "PASSWORD"}, .value = PasswordValue(connection)});
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
  if (connection.password_kind == catalog::PasswordKind::kLiteral) {
    text = "-- The password is not shown: put it in place of the asterisks.\n" + text;
  }
  return text;
}

std::string CreateText(const catalog::Job& job, const std::string& connection) {
  parser::CreateJob create;
  create.sync = job.sync;
  create.name.name = job.name;
  if (!job.comment.empty()) create.options.push_back({.name = {.name = "COMMENT"}, .value = Text(job.comment)});
  create.options.push_back(
      {.name = {.name = "CONNECTION"}, .value = {.form = parser::ValueForm::kIdentifier, .text = connection}});
  create.script = job.script;
  create.body = job.body;
  return parser::Print(create, parser::PrintMode::kReadable) + ";";
}

// "c.schema.table (target)", one line an edge.
Result<std::string> Touched(const catalog::Job& job, catalog::Transaction& transaction) {
  std::string out;
  for (const auto& edge : job.edges) {
    BERTH_ASSIGN(const auto connection, transaction.FindConnectionById(edge.connection_id));
    if (!connection) continue;
    const auto name = base::QuoteIdentifier(connection->name);
    out += out.empty() ? "" : "\n";
    out += edge.table.empty() ? name : fmt::format("{}.{}", name, TwoPartName(edge.schema, edge.table));
    out += fmt::format(" ({})", catalog::RoleName(edge.role));
  }
  return out;
}

}  // namespace

Result<Outcome> Run(const parser::ShowConnections& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto all, scope.transaction.ListConnections());
  RowsBuilder rows(
      {"name", "connection_string", "user_name", "password", "max_concurrent_connections", "state", "comment"});
  for (const auto& connection : all) {
    if (statement.like && !MatchesLike(connection.name, *statement.like)) continue;
    rows.Add({connection.name, parser::RedactUrl(connection.connection_string), connection.user_name,
              ShownPassword(connection), ShownCap(connection), ShownState(connection, scope.shared.clock.WallNow()),
              NullIfEmpty(connection.comment)});
  }
  if (all.empty()) {
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
  return RowsOf(PoolsListing(scope.shared));
}

Result<Outcome> Run(const parser::ShowSlots& statement, CatalogScope& scope) {
  BERTH_ASSIGN(auto connection, RequireConnection(scope.transaction, statement.name));
  std::vector<catalog::Connection> one;
  one.push_back(std::move(connection));
  return RowsOf(SlotsListing(scope.shared, one));
}

Result<Outcome> Run(const parser::ShowJobs& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto all, scope.transaction.ListJobs());
  RowsBuilder rows({"name", "connection", "kind", "touches", "comment"});
  for (const auto& job : all) {
    if (statement.like && !MatchesLike(job.name, *statement.like)) continue;
    std::optional<std::string> connection;
    if (job.connection_id) {
      BERTH_ASSIGN(const auto found, scope.transaction.FindConnectionById(*job.connection_id));
      if (found) connection = found->name;
    }
    BERTH_ASSIGN(auto touched, Touched(job, scope.transaction));
    const char* const kind = job.external ? "external" : (job.script ? "script" : "statement");
    rows.Add({job.name, connection, job.sync ? fmt::format("sync {}", kind) : kind, std::move(touched),
              NullIfEmpty(job.comment)});
  }
  return rows.Build();
}

Result<Outcome> Run(const parser::ShowCreateJob& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto job, RequireJob(scope.transaction, statement.name));
  RowsBuilder rows({"name", "statement"});
  if (job.external) {
    parser::AttachJob attach;
    attach.name.name = job.name;
    for (const auto& edge : job.edges) {
      BERTH_ASSIGN(const auto connection, scope.transaction.FindConnectionById(edge.connection_id));
      if (connection) attach.connections.push_back({.name = connection->name});
    }
    std::ranges::sort(attach.connections, {}, &parser::Identifier::name);  // the same text from every catalog
    rows.Add({job.name, parser::Print(attach, parser::PrintMode::kReadable) + ";"});
    return rows.Build();
  }
  BERTH_ASSIGN(const auto connection, scope.transaction.FindConnectionById(job.connection_id.value_or(0)));
  rows.Add({job.name, CreateText(job, connection ? connection->name : std::string())});
  return rows.Build();
}

}  // namespace berth::engine
