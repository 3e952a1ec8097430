#include <fmt/core.h>

#include <string>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "base/try.h"
#include "bind/password_source.h"
#include "credentials/run_command.h"
#include "engine/catalog_news.h"
#include "engine/catalog_statements.h"
#include "engine/if_not_exists.h"
#include "engine/like.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "parser/parse.h"
#include "parser/print_value.h"
#include "parser/redact.h"

namespace berth::engine {
namespace {

constexpr const char* kCreated = "CREATE SECRET";
constexpr const char* kAltered = "ALTER SECRET";
constexpr const char* kDropped = "DROP SECRET";

std::string Named(const std::string& name) {
  return "secret " + base::QuoteIdentifier(name);
}

// What AS says. A secret is no other secret's name: nobody would find out whose password it is.
Result<bind::PasswordSource> SourceOf(const parser::Value& value) {
  BERTH_ASSIGN(auto source, bind::PasswordSourceOf({.name = {.name = "SECRET"}, .value = value}));
  if (source.kind == PasswordKind::kSecret) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "a secret cannot be another secret",
                 .hint = "Write a string, ENV 'variable', FILE '/path', COMMAND '/program arg ..' or PROMPT.",
                 .span = value.span};
  }
  if (source.kind == PasswordKind::kCommand) {
    BERTH_ASSIGN(const auto words, credentials::SplitCommand(source.reference));
    static_cast<void>(words);
  }
  return source;
}

// A value that is given counts as a change: whether it equals the stored one is nobody's to learn.
Result<Outcome> Change(catalog::StoredSecret wanted, const bind::PasswordSource& source, const char* tag,
                       CatalogScope& scope) {
  wanted.kind = source.kind;
  wanted.reference = source.reference;
  BERTH_ASSIGN(const auto updated, scope.transaction.UpdateSecret(std::move(wanted), &source.literal));
  scope.after_commit.push_back([&news = scope.shared.news] { news.Tell(); });
  return Command(tag);
}

Result<bool> Same(const catalog::StoredSecret& is, const bind::PasswordSource& source, CatalogScope& scope) {
  if (is.kind != source.kind || is.reference != source.reference) return false;
  if (is.kind != PasswordKind::kLiteral) return true;
  BERTH_ASSIGN(const Secret stored, scope.transaction.OpenSecret(is.id));
  return stored.Reveal() == source.literal.Reveal();
}

Result<Outcome> Rename(const parser::AlterConnectionRename& change, const catalog::StoredSecret& is,
                       CatalogScope& scope) {
  if (change.new_name.name == is.name) {
    TellNoChange(scope.notices, "that is its name already.");
    return Command(kAltered);
  }
  BERTH_ASSIGN(auto existing, scope.transaction.FindSecretLike(change.new_name.name));
  if (existing == is.name) existing.reset();  // only the case of its own name changes
  BERTH_TRY(CheckNewName("secret", change.new_name, existing, "Choose another name."));
  auto wanted = is;
  wanted.name = change.new_name.name;
  BERTH_ASSIGN(const auto renamed, scope.transaction.UpdateSecret(std::move(wanted), nullptr));
  return Command(kAltered);
}

Error InUse(const catalog::StoredSecret& secret, const std::vector<catalog::Connection>& users, parser::Span span) {
  Error error{.code = ErrorCode::kDependentsExist,
              .message = fmt::format("cannot drop {}: {} connection{} it", Named(secret.name), users.size(),
                                     users.size() == 1 ? " uses" : "s use"),
              .hint = "Give them another password first: ALTER REDSHIFT CONNECTION .. SET PASSWORD = ..",
              .span = span};
  for (std::size_t i = 0; i < users.size() && i < kSecretUsersShownMax; ++i) {
    error.detail +=
        fmt::format("{}connection {} (role secret)", i == 0 ? "" : "\n", base::QuoteIdentifier(users[i].name));
  }
  if (users.size() > kSecretUsersShownMax)
    error.detail += fmt::format("\nand {} more", users.size() - kSecretUsersShownMax);
  return error;
}

parser::Value ShownValue(const catalog::StoredSecret& secret) {
  switch (secret.kind) {
    case PasswordKind::kLiteral:
    case PasswordKind::kSecret:
      break;
    case PasswordKind::kEnv:
      return {.form = parser::ValueForm::kEnv, .text = secret.reference};
    case PasswordKind::kFile:
      return {.form = parser::ValueForm::kFile, .text = secret.reference};
    case PasswordKind::kCommand:
      return {.form = parser::ValueForm::kCommand, .text = secret.reference};
    case PasswordKind::kPrompt:
      return {.form = parser::ValueForm::kPrompt};
  }
  return {.form = parser::ValueForm::kString, .text = std::string(parser::kMask)};
}

}  // namespace

Result<Outcome> Run(const parser::CreateSecret& statement, CatalogScope& scope) {
  if (statement.or_replace && statement.if_not_exists) {
    return Error{.code = ErrorCode::kSyntax,
                 .message = "OR REPLACE and IF NOT EXISTS exclude each other",
                 .hint = "OR REPLACE changes what is there, IF NOT EXISTS leaves it as it is: write one of them.",
                 .span = statement.name.span};
  }
  BERTH_ASSIGN(const auto source, SourceOf(statement.value));
  BERTH_ASSIGN(const auto found, scope.transaction.FindSecret(statement.name.name));
  if (found && statement.if_not_exists) {
    BERTH_ASSIGN(const bool same, Same(*found, source, scope));
    return LeaveAsItIs({.named = Named(found->name),
                        .differing = same ? "" : "its value",
                        .tag = kCreated,
                        .span = statement.name.span},
                       scope.settings, scope.notices);
  }
  if (found && statement.or_replace) return Change(*found, source, kCreated, scope);
  BERTH_ASSIGN(const auto existing, scope.transaction.FindSecretLike(statement.name.name));
  BERTH_TRY(CheckNewName("secret", statement.name, existing, kOnCreateHint));
  BERTH_ASSIGN(const auto inserted,
               scope.transaction.InsertSecret(
                   {.name = statement.name.name, .kind = source.kind, .reference = source.reference, .stamp = {}},
                   source.literal));
  return Command(kCreated);
}

Result<Outcome> Run(const parser::AlterSecret& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto found, scope.transaction.FindSecret(statement.name.name));
  if (!found) {
    if (!statement.if_exists) return NoSuchSecret(scope.transaction, statement.name);
    TellNoChange(scope.notices, Named(statement.name.name) + " does not exist.");
    return Command(kAltered);
  }
  if (const auto* rename = std::get_if<parser::AlterConnectionRename>(&statement.change))
    return Rename(*rename, *found, scope);
  BERTH_ASSIGN(const auto source, SourceOf(std::get<parser::Value>(statement.change)));
  return Change(*found, source, kAltered, scope);
}

Result<Outcome> Run(const parser::DropSecret& statement, CatalogScope& scope) {
  if (statement.behavior == parser::DropBehavior::kCascade) {
    return Error{.code = ErrorCode::kNotSupported,
                 .message = "DROP SECRET has no CASCADE: it would drop connections for a password's sake",
                 .hint = "Give the connections another password first, or drop them.",
                 .span = statement.name.span};
  }
  BERTH_ASSIGN(const auto found, scope.transaction.FindSecret(statement.name.name));
  if (!found) {
    if (!statement.if_exists) return NoSuchSecret(scope.transaction, statement.name);
    TellNoChange(scope.notices, Named(statement.name.name) + " does not exist.");
    return Command(kDropped);
  }
  BERTH_ASSIGN(const auto users, scope.transaction.ConnectionsWithSecret(found->id));
  if (!users.empty()) return InUse(*found, users, statement.name.span);
  BERTH_TRY(scope.transaction.DeleteSecret(found->id));
  return Command(kDropped);
}

Result<Outcome> Run(const parser::ShowSecrets& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto all, scope.transaction.ListSecrets());
  RowsBuilder rows({"name", "value", "used_by"});
  for (const auto& secret : all) {
    if (statement.like && !MatchesLike(secret.name, *statement.like)) continue;
    BERTH_ASSIGN(const auto users, scope.transaction.ConnectionsWithSecret(secret.id));
    std::string names;
    for (const auto& user : users) names += (names.empty() ? "" : ", ") + base::QuoteIdentifier(user.name);
    const bool literal = secret.kind == PasswordKind::kLiteral;
    rows.Add({secret.name,
              literal ? std::string(parser::kMask)
                      : parser::PrintValue(ShownValue(secret), {}, parser::PrintMode::kReadable),
              names.empty() ? std::nullopt : std::optional(names)});
  }
  return rows.Build();
}

Result<Outcome> Run(const parser::ShowCreateSecret& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto secret, RequireSecret(scope.transaction, statement.name));
  parser::CreateSecret create;
  create.name.name = secret.name;
  create.value = ShownValue(secret);
  std::string text = parser::Print(create, parser::PrintMode::kReadable) + ";";
  if (secret.kind == PasswordKind::kLiteral)
    text = "-- The value is not shown: put it in place of the asterisks.\n" + text;
  RowsBuilder rows({"name", "statement"});
  rows.Add({secret.name, std::move(text)});
  return rows.Build();
}

}  // namespace berth::engine
