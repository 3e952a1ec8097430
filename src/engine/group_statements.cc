#include <fmt/core.h>

#include <string>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "catalog/changed_options.h"
#include "engine/catalog_news.h"
#include "engine/catalog_statements.h"
#include "engine/if_not_exists.h"
#include "engine/like.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "engine/tuning.h"
#include "parser/parse.h"

namespace berth::engine {
namespace {

constexpr const char* kCreated = "CREATE CONNECTION GROUP";
constexpr const char* kAltered = "ALTER CONNECTION GROUP";

std::string Named(const std::string& name) {
  return "connection group " + base::QuoteIdentifier(name);
}

bool SameDefinition(const catalog::ConnectionGroup& a, const catalog::ConnectionGroup& b) {
  return a.name == b.name && a.max_concurrent_connections == b.max_concurrent_connections && a.comment == b.comment;
}

// Writes it, if anything has changed; the pools hear of it once it is committed.
Result<Outcome> Change(const catalog::ConnectionGroup& is, const catalog::ConnectionGroup& wanted, const char* tag,
                       parser::Span span, CatalogScope& scope) {
  if (SameDefinition(is, wanted)) {
    TellNoChange(scope.notices, Named(is.name) + " is defined so.");
    return Command(tag);
  }
  BERTH_TRY(CheckGroupCap(scope.transaction, wanted, span));
  BERTH_ASSIGN(const auto updated, scope.transaction.UpdateGroup(wanted));
  scope.after_commit.push_back([&news = scope.shared.news] { news.Tell(); });
  return Command(tag);
}

Result<Outcome> Rename(const parser::AlterConnectionRename& change, const catalog::ConnectionGroup& is,
                       CatalogScope& scope) {
  BERTH_ASSIGN(auto existing, scope.transaction.FindGroupLike(change.new_name.name));
  if (existing == is.name) existing.reset();  // only the case of its own name changes
  BERTH_TRY(CheckNewName("connection group", change.new_name, existing, "Choose another name."));
  auto wanted = is;
  wanted.name = change.new_name.name;
  return Change(is, wanted, kAltered, change.new_name.span, scope);
}

std::string CreateText(const catalog::ConnectionGroup& group) {
  parser::CreateGroup create;
  create.name.name = group.name;
  create.options.push_back(
      {.name = {.name = "MAX_CONCURRENT_CONNECTIONS"},
       .value = {.form = parser::ValueForm::kNumber, .text = std::to_string(group.max_concurrent_connections)}});
  if (!group.comment.empty()) {
    create.options.push_back(
        {.name = {.name = "COMMENT"}, .value = {.form = parser::ValueForm::kString, .text = group.comment}});
  }
  return parser::Print(create, parser::PrintMode::kReadable) + ";";
}

}  // namespace

Result<Outcome> Run(const parser::CreateGroup& statement, CatalogScope& scope) {
  if (statement.or_replace && statement.if_not_exists) {
    return Error{.code = ErrorCode::kSyntax,
                 .message = "OR REPLACE and IF NOT EXISTS exclude each other",
                 .hint = "OR REPLACE changes what is there, IF NOT EXISTS leaves it as it is: write one of them.",
                 .span = statement.name.span};
  }
  BERTH_ASSIGN(const auto options, bind::BindGroupCreate(statement));
  catalog::ConnectionGroup wanted{.name = statement.name.name,
                                  .max_concurrent_connections = *options.max_concurrent_connections,
                                  .comment = options.comment.value_or("")};
  BERTH_ASSIGN(const auto found, scope.transaction.FindGroup(wanted.name));
  if (found && statement.if_not_exists) {
    return LeaveAsItIs({.named = Named(found->name),
                        .differing = catalog::ChangedOptions(*found, wanted),
                        .tag = kCreated,
                        .span = statement.name.span},
                       scope.settings, scope.notices);
  }
  if (found && statement.or_replace) {
    wanted.id = found->id;
    return Change(*found, wanted, kCreated, statement.name.span, scope);
  }
  BERTH_ASSIGN(const auto existing, scope.transaction.FindGroupLike(wanted.name));
  BERTH_TRY(CheckNewName("connection group", statement.name, existing, kOnCreateHint));
  BERTH_ASSIGN(const auto inserted, scope.transaction.InsertGroup(wanted));
  return Command(kCreated);
}

Result<Outcome> Run(const parser::AlterGroup& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto found, scope.transaction.FindGroup(statement.name.name));
  if (!found) {
    if (!statement.if_exists) return NoSuchGroup(scope.transaction, statement.name);
    TellNoChange(scope.notices, Named(statement.name.name) + " does not exist.");
    return Command(kAltered);
  }
  if (const auto* rename = std::get_if<parser::AlterConnectionRename>(&statement.change))
    return Rename(*rename, *found, scope);
  auto wanted = *found;
  auto span = statement.name.span;
  if (const auto* unset = std::get_if<parser::AlterConnectionUnset>(&statement.change)) {
    BERTH_TRY(bind::CheckGroupUnset(*unset));
    wanted.comment.clear();
  } else {
    const auto& set = std::get<parser::AlterConnectionSet>(statement.change);
    BERTH_ASSIGN(const auto options, bind::BindGroupSet(set));
    if (options.max_concurrent_connections) wanted.max_concurrent_connections = *options.max_concurrent_connections;
    if (options.comment) wanted.comment = *options.comment;
    span = set.options.front().name.span;
  }
  return Change(*found, wanted, kAltered, span, scope);
}

Result<Outcome> Run(const parser::DropGroup& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto found, scope.transaction.FindGroup(statement.name.name));
  if (!found) {
    if (!statement.if_exists) return NoSuchGroup(scope.transaction, statement.name);
    TellNoChange(scope.notices, Named(statement.name.name) + " does not exist.");
    return Command("DROP CONNECTION GROUP");
  }
  BERTH_ASSIGN(const auto members, scope.transaction.ConnectionsInGroup(found->id));
  if (!members.empty()) {
    Error error{.code = ErrorCode::kDependentsExist,
                .message = fmt::format("cannot drop {}: {} connection{} in it", Named(found->name), members.size(),
                                       members.size() == 1 ? " is" : "s are"),
                .hint = "Take them out first: ALTER REDSHIFT CONNECTION .. UNSET GROUP, RESERVED.",
                .span = statement.name.span};
    for (std::size_t i = 0; i < members.size() && i < kMembersShownMax; ++i) {
      error.detail += fmt::format("{}connection {}", i == 0 ? "" : "\n", base::QuoteIdentifier(members[i].name));
    }
    if (members.size() > kMembersShownMax)
      error.detail += fmt::format("\nand {} more", members.size() - kMembersShownMax);
    return error;
  }
  BERTH_TRY(scope.transaction.DeleteGroup(found->id));
  scope.after_commit.push_back([&ledger = scope.shared.ledger, id = found->id] { ledger.ForgetGroup(id); });
  return Command("DROP CONNECTION GROUP");
}

Result<Outcome> Run(const parser::ShowGroups& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto all, scope.transaction.ListGroups());
  RowsBuilder rows({"name", "max_concurrent_connections", "reserved", "connections", "comment"});
  rows.Kind(1, ValueKind::kInteger).Kind(2, ValueKind::kInteger);
  for (const auto& group : all) {
    if (statement.like && !MatchesLike(group.name, *statement.like)) continue;
    BERTH_ASSIGN(const auto members, scope.transaction.ConnectionsInGroup(group.id));
    std::int64_t reserved = 0;
    std::string names;
    for (const auto& member : members) {
      reserved += member.tuning.reserved.value_or(0);
      names += (names.empty() ? "" : ", ") + base::QuoteIdentifier(member.name);
    }
    rows.Add({group.name, std::to_string(group.max_concurrent_connections), std::to_string(reserved),
              names.empty() ? std::nullopt : std::optional(names),
              group.comment.empty() ? std::nullopt : std::optional(group.comment)});
  }
  return rows.Build();
}

Result<Outcome> Run(const parser::ShowCreateGroup& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto group, RequireGroup(scope.transaction, statement.name));
  RowsBuilder rows({"name", "statement"});
  rows.Add({group.name, CreateText(group)});
  return rows.Build();
}

}  // namespace berth::engine
