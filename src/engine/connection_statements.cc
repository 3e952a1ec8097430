#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "bind/connection_url.h"
#include "bind/option_values.h"
#include "catalog/changed_options.h"
#include "credentials/run_command.h"
#include "engine/catalog_news.h"
#include "engine/catalog_statements.h"
#include "engine/if_not_exists.h"
#include "engine/job_states.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "engine/rename_in_jobs.h"
#include "engine/served.h"
#include "engine/tuning.h"
#include "engine/usages.h"

namespace berth::engine {
namespace {

// Host, port and database stand beside the URL: listings and the seal of the password need them.
Status SetUrl(catalog::Connection& connection, const std::string& text, const NoticeSink& notices) {
  BERTH_ASSIGN(const auto url, bind::ParseConnectionUrl(text));
  if (auto warning = bind::WarningOf(url.settings); !warning.empty()) Tell(notices, "WARNING", std::move(warning));
  connection.connection_string = text;
  connection.host = url.host;
  connection.port = url.port;
  connection.database = url.database;
  return {};
}

Status CheckCommand(const std::string& line) {
  BERTH_ASSIGN(const auto words, credentials::SplitCommand(line));
  static_cast<void>(words);
  return {};
}

// PASSWORD = SECRET s: the secret by its id; with any other password there is none.
Status UseSecret(const bind::PasswordSource& source, catalog::Connection& connection, CatalogScope& scope) {
  connection.secret.reset();
  if (source.kind != PasswordKind::kSecret) return {};
  BERTH_ASSIGN(const auto secret, RequireSecret(scope.transaction, source.secret));
  connection.secret =
      catalog::SecretPlace{.id = secret.id, .name = secret.name, .kind = secret.kind, .reference = secret.reference};
  return {};
}

// What PASSWORD_NEXT gives, once the connection has an id.
Status SetNext(const bind::ConnectionOptions& options, std::int64_t id, CatalogScope& scope) {
  if (!options.password_next) return {};
  const auto& source = *options.password_next;
  if (source.kind == PasswordKind::kCommand) BERTH_TRY(CheckCommand(source.reference));
  const catalog::NextPassword next{.kind = source.kind, .reference = source.reference};
  return scope.transaction.SetNextPassword(id, &next, source.literal);
}

// Takes over what the options give; what they leave out stays as it is in `connection`.
Status Apply(const bind::ConnectionOptions& options, catalog::Connection& connection, CatalogScope& scope) {
  const auto& notices = scope.notices;
  if (options.connection_string) BERTH_TRY(SetUrl(connection, *options.connection_string, notices));
  if (options.user_name) connection.user_name = *options.user_name;
  if (options.password) {
    if (options.password->kind == PasswordKind::kCommand) {
      BERTH_TRY(CheckCommand(options.password->reference));
    }
    connection.password_kind = options.password->kind;
    BERTH_TRY(UseSecret(*options.password, connection, scope));
    connection.password_reference = options.password->reference;
  }
  if (options.max_concurrent_connections) connection.max_concurrent_connections = options.max_concurrent_connections;
  if (options.comment) connection.comment = *options.comment;
  Merge(options.tuning, connection.tuning);
  BERTH_ASSIGN(const auto url, bind::ParseConnectionUrl(connection.connection_string));
  const bool given = options.connection_string || options.tuning.connect_timeout;
  if (given && url.settings.connect_timeout && connection.tuning.connect_timeout) {
    Tell(notices, "NOTICE",
         fmt::format("CONNECT_TIMEOUT = {} counts, not connectTimeout or loginTimeout of the connection string",
                     bind::TimeText(*connection.tuning.connect_timeout)));
  }
  return bind::CheckIam(url, connection.secret ? connection.secret->kind : connection.password_kind);
}

Status JoinGroup(const std::optional<parser::Identifier>& name, catalog::Connection& connection, CatalogScope& scope) {
  if (!name) return {};
  BERTH_ASSIGN(const auto group, RequireGroup(scope.transaction, *name));
  connection.group = catalog::GroupPlace{.id = group.id,
                                         .name = group.name,
                                         .version = group.version,
                                         .max_concurrent_connections = group.max_concurrent_connections};
  return {};
}

std::int64_t GroupId(const catalog::Connection& connection) {
  return connection.group ? connection.group->id : 0;
}

// The pools of all processes hear of a change only once it is committed.
void PoolsHear(CatalogScope& scope) {
  scope.after_commit.push_back([&news = scope.shared.news] { news.Tell(); });
}

Status Change(const catalog::Connection& wanted, const Secret* literal, bool login_changed, CatalogScope& scope) {
  auto updated = scope.transaction.UpdateConnection(wanted, literal, login_changed);
  if (!updated.ok()) return std::move(updated).TakeError();
  PoolsHear(scope);
  return {};
}

// The names of the options in which the two differ; a literal password is compared, never shown.
Result<std::string> Differences(catalog::Transaction& transaction, const catalog::Connection& is,
                                const catalog::Connection& wanted, const bind::ConnectionOptions& options) {
  bool other_literal = false;
  if (is.password_kind == PasswordKind::kLiteral && wanted.password_kind == PasswordKind::kLiteral) {
    BERTH_ASSIGN(const Secret stored, transaction.OpenPassword(is));
    other_literal = stored.Reveal() != options.password->literal.Reveal();
  }
  auto paused = wanted;
  paused.pause = is.pause;  // no option
  auto names = catalog::ChangedOptions(is, paused, other_literal);
  if (options.password_next) names += names.empty() ? "PASSWORD_NEXT" : ", PASSWORD_NEXT";  // it is to be tried anew
  return names;
}

const Secret* LiteralOf(const bind::ConnectionOptions& options) {
  return options.password ? &options.password->literal : nullptr;
}

Result<Outcome> AlterOptions(const parser::AlterConnectionSet& change, const catalog::Connection& is,
                             CatalogScope& scope) {
  BERTH_ASSIGN(const auto options, bind::BindSet(change));
  catalog::Connection wanted = is;
  BERTH_TRY(Apply(options, wanted, scope));
  if (scope.served != nullptr) BERTH_TRY(CheckServedChange(&is, wanted, options, change.options.front().name.span));
  BERTH_TRY(JoinGroup(options.group, wanted, scope));
  BERTH_TRY(CheckShares(scope.transaction, wanted, change.options.front().name.span));
  // A password that is given counts as a change: whether it equals the stored one is nobody's to learn.
  const bool login_changed =
      is.connection_string != wanted.connection_string || is.user_name != wanted.user_name || options.password;
  const bool changed = login_changed || is.max_concurrent_connections != wanted.max_concurrent_connections ||
                       is.comment != wanted.comment || is.tuning != wanted.tuning || GroupId(is) != GroupId(wanted);
  if (!changed && !options.password_next) {
    TellNoChange(scope.notices, fmt::format("connection {} is defined so.", base::QuoteIdentifier(is.name)));
    return Command("ALTER CONNECTION");
  }
  if (options.password_next) wanted.next = catalog::NextPassword();
  if (changed) BERTH_TRY(Change(wanted, LiteralOf(options), login_changed, scope));
  BERTH_TRY(SetNext(options, is.id, scope));
  PoolsHear(scope);
  return Command("ALTER CONNECTION");
}

Result<Outcome> AlterUnset(const parser::AlterConnectionUnset& change, const catalog::Connection& is,
                           CatalogScope& scope) {
  BERTH_ASSIGN(const auto names, bind::BindUnset(change));
  catalog::Connection wanted = is;
  bool forget_next = false;
  for (const auto name : names) {
    if (name == "MAX_CONCURRENT_CONNECTIONS") wanted.max_concurrent_connections.reset();
    if (name == "COMMENT") wanted.comment.clear();
    if (name == "GROUP") wanted.group.reset();
    if (name == "PASSWORD_NEXT") forget_next = is.next.has_value();
    Unset(name, wanted.tuning);
  }
  BERTH_TRY(CheckShares(scope.transaction, wanted, change.options.front().span));
  const bool same = wanted.max_concurrent_connections == is.max_concurrent_connections &&
                    wanted.comment == is.comment && wanted.tuning == is.tuning && GroupId(wanted) == GroupId(is);
  if (same && forget_next) {
    BERTH_TRY(scope.transaction.SetNextPassword(is.id, nullptr, Secret()));
    PoolsHear(scope);
    return Command("ALTER CONNECTION");
  }
  if (same) {
    TellNoChange(scope.notices, "the options have their defaults already.");
    return Command("ALTER CONNECTION");
  }
  if (forget_next) wanted.next.reset();
  BERTH_TRY(Change(wanted, nullptr, false, scope));
  return Command("ALTER CONNECTION");
}

Result<Outcome> AlterName(const parser::AlterConnectionRename& change, const catalog::Connection& is,
                          CatalogScope& scope) {
  if (change.new_name.name == is.name) {
    TellNoChange(scope.notices, "that is its name already.");
    return Command("ALTER CONNECTION");
  }
  BERTH_ASSIGN(auto existing, scope.transaction.FindConnectionLike(change.new_name.name));
  if (existing == is.name) existing.reset();  // only the case of its own name changes
  BERTH_TRY(CheckNewName("connection", change.new_name, existing, "Choose another name."));
  catalog::Connection wanted = is;
  wanted.name = change.new_name.name;
  BERTH_TRY(RenameInJobs(is, wanted.name, scope));
  BERTH_TRY(Change(wanted, nullptr, false, scope));
  return Command("ALTER CONNECTION");
}

// Catalog records only: nothing is sent to the warehouse.
Status DropDependents(const catalog::Connection& connection, const catalog::Dependents& dependents,
                      CatalogScope& scope) {
  std::string dropped;
  std::string last_job;
  std::size_t objects = dependents.tables.size();
  for (const auto& edge : dependents.jobs) {
    if (edge.name == last_job) continue;
    last_job = edge.name;
    ++objects;
    BERTH_ASSIGN(const auto job, scope.transaction.FindJob(edge.name));
    if (job) BERTH_TRY(scope.transaction.DeleteJob(job->id));
    dropped += fmt::format("{}job {}", dropped.empty() ? "" : "\n", base::QuoteIdentifier(edge.name));
  }
  for (const auto& row : dependents.tables) {
    BERTH_ASSIGN(const auto table, scope.transaction.FindTable(connection.id, row.schema, row.name));
    if (table) BERTH_TRY(scope.transaction.DeleteTable(table->id));
    dropped += fmt::format("{}the record of table {}", dropped.empty() ? "" : "\n", TwoPartName(row.schema, row.name));
  }
  Tell(scope.notices, "NOTICE", fmt::format("drop cascades to {} other object{}", objects, objects == 1 ? "" : "s"),
       dropped, "Only the catalog's records are dropped; the tables are still in the warehouse.");
  return {};
}

// They keep nobody from dropping it, and go with it.
Status TellOfGrants(const catalog::Connection& connection, CatalogScope& scope) {
  BERTH_ASSIGN(const auto grants, scope.transaction.ListGrants());
  std::string users;
  std::size_t count = 0;
  for (const auto& grant : grants) {
    if (grant.connection_id != connection.id) continue;
    ++count;
    users += fmt::format("{}service user {}", users.empty() ? "" : "\n", base::QuoteIdentifier(grant.user_name));
  }
  if (count == 0) return {};
  Tell(scope.notices, "NOTICE",
       fmt::format("{} grant{} on connection {} went with it", count, count == 1 ? "" : "s",
                   base::QuoteIdentifier(connection.name)),
       std::move(users));
  return {};
}

}  // namespace

Result<Outcome> Run(const parser::CreateConnection& statement, CatalogScope& scope) {
  if (statement.or_replace && statement.if_not_exists) {
    return Error{.code = ErrorCode::kSyntax,
                 .message = "OR REPLACE and IF NOT EXISTS exclude each other",
                 .hint = "OR REPLACE changes what is there, IF NOT EXISTS leaves it as it is: write one of them.",
                 .span = statement.name.span};
  }
  BERTH_ASSIGN(const auto options, bind::BindCreate(statement));
  catalog::Connection wanted;
  wanted.name = statement.name.name;
  BERTH_TRY(Apply(options, wanted, scope));
  if (scope.served != nullptr) BERTH_TRY(CheckServedChange(nullptr, wanted, options, statement.name.span));
  BERTH_TRY(JoinGroup(options.group, wanted, scope));
  BERTH_ASSIGN(const auto found, scope.transaction.FindConnection(wanted.name));
  if (found && statement.if_not_exists) {
    BERTH_ASSIGN(auto differing, Differences(scope.transaction, *found, wanted, options));
    return LeaveAsItIs({.named = "connection " + base::QuoteIdentifier(found->name),
                        .differing = std::move(differing),
                        .tag = "CREATE CONNECTION",
                        .span = statement.name.span},
                       scope.settings, scope.notices);
  }
  if (found && statement.or_replace) {
    wanted.id = found->id;  // identity, dependents, stamp and pause stay; what is not given goes to its default
    wanted.stamp = found->stamp;
    wanted.pause = found->pause;
    BERTH_TRY(CheckShares(scope.transaction, wanted, statement.name.span));
    if (options.password_next) wanted.next = catalog::NextPassword();
    BERTH_TRY(Change(wanted, LiteralOf(options), true, scope));
    BERTH_TRY(SetNext(options, found->id, scope));
    return Command("CREATE CONNECTION");
  }
  BERTH_ASSIGN(const auto existing, scope.transaction.FindConnectionLike(wanted.name));
  BERTH_TRY(CheckNewName("connection", statement.name, existing, kOnCreateHint));
  BERTH_TRY(CheckShares(scope.transaction, wanted, statement.name.span));
  BERTH_ASSIGN(const auto inserted, scope.transaction.InsertConnection(wanted, options.password->literal));
  BERTH_TRY(SetNext(options, inserted.id, scope));
  PoolsHear(scope);  // others of its group have another share now
  return Command("CREATE CONNECTION");
}

Result<Outcome> Run(const parser::AlterConnection& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto found, scope.transaction.FindConnection(statement.name.name));
  if (!found) {
    if (!statement.if_exists) return NoSuchConnection(scope.transaction, statement.name);
    TellNoChange(scope.notices,
                 fmt::format("connection {} does not exist.", base::QuoteIdentifier(statement.name.name)));
    return Command("ALTER CONNECTION");
  }
  if (const auto* set = std::get_if<parser::AlterConnectionSet>(&statement.change))
    return AlterOptions(*set, *found, scope);
  if (const auto* unset = std::get_if<parser::AlterConnectionUnset>(&statement.change))
    return AlterUnset(*unset, *found, scope);
  return AlterName(std::get<parser::AlterConnectionRename>(statement.change), *found, scope);
}

Result<Outcome> Run(const parser::DropConnection& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto found, scope.transaction.FindConnection(statement.name.name));
  if (!found) {
    if (!statement.if_exists) return NoSuchConnection(scope.transaction, statement.name);
    TellNoChange(scope.notices,
                 fmt::format("connection {} does not exist.", base::QuoteIdentifier(statement.name.name)));
    return Command("DROP CONNECTION");
  }
  BERTH_ASSIGN(auto dependents, scope.transaction.DependentsOf(found->id));
  SeeCutOff(scope.shared, dependents.jobs);
  if (!dependents.empty()) {
    if (statement.behavior != parser::DropBehavior::kCascade)
      return UsagesError(found->name, dependents, statement.name.span);
    BERTH_TRY(DropDependents(*found, dependents, scope));
  }
  BERTH_TRY(TellOfGrants(*found, scope));
  BERTH_TRY(scope.transaction.DeleteConnection(found->id));
  PoolsHear(scope);
  return Command("DROP CONNECTION");
}

}  // namespace berth::engine
