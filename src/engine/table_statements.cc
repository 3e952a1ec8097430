#include "engine/table_statements.h"

#include <fmt/core.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "dependents/touches.h"
#include "engine/ask_server.h"
#include "engine/if_not_exists.h"
#include "engine/job_states.h"
#include "engine/memory_rows.h"
#include "engine/names.h"
#include "engine/table_columns.h"
#include "engine/usages.h"

namespace berth::engine {
namespace {

using catalog::Access;
using catalog::TableState;

std::string Shown(const parser::TableName& name) {
  return TwoPartName(name.schema.name, name.table.name);
}

Result<std::unique_ptr<catalog::Transaction>> Begin(const TableScope& scope, Access access) {
  BERTH_ASSIGN(auto transaction, scope.shared.store.Begin(access, CatalogDeadline(scope.shared, scope.deadline)));
  transaction->Describe(scope.statement, {});
  return transaction;
}

// An error of the server points into the text that was sent, which is not the text that was typed.
Error WithoutSpan(Error error) {
  error.span.reset();
  return error;
}

Error InDoubt(Error error, const std::string& table, std::string_view what) {
  error.span.reset();
  error.hint = fmt::format(
      "Whether table {} was {} is in doubt: look, and run the statement again; the catalog remembers that it was under "
      "way.",
      table, what);
  return error;
}

// What is left of CREATE TABLE c.s.t once "c." is gone from the name and from every name in the rest.
Result<std::string> CreateText(const parser::CreateTable& statement, const catalog::Connection& connection,
                               TableScope& scope) {
  BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kRead));
  const auto is_connection = [&](std::string_view name) {
    const auto found = transaction->FindConnection(name);
    return found.ok() && found.value().has_value();
  };
  BERTH_ASSIGN(const auto touches, dependents::FindTouches(statement.rest, is_connection, scope.backslash_escapes));
  for (const auto& touch : touches) {
    if (touch.connection.empty() || touch.connection == connection.name) continue;
    return Error{
        .code = ErrorCode::kNotSupported,
        .message =
            fmt::format("a table of connection {} cannot be read from connection {}: a statement cannot reach from one "
                        "warehouse into another",
                        base::QuoteIdentifier(touch.connection), base::QuoteIdentifier(connection.name)),
        .hint = "UNLOAD there into S3, and COPY from it here.",
        .span = SourceSpan{.offset = statement.rest_span.offset + touch.name.offset, .length = touch.name.length}};
  }
  return fmt::format("CREATE TABLE {}{}{}{}", statement.if_not_exists ? "IF NOT EXISTS " : "", Shown(statement.name),
                     statement.rest.empty() ? "" : " ", dependents::WithoutPrefixes(statement.rest, touches));
}

struct Intent {
  catalog::Connection connection;
  std::optional<std::int64_t> table_id;  // the record that stands for the intent
  bool was_recorded = false;             // it was a table's record before
  bool was_creating = false;             // it is another's intent: of one who is still at it, or of one who was cut off
};

Result<Intent> IntendToCreate(const parser::CreateTable& statement, TableScope& scope) {
  BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kWrite));
  Intent intent;
  BERTH_ASSIGN(intent.connection, RequireConnection(*transaction, statement.name.connection));
  const auto& schema = statement.name.schema.name;
  const auto& name = statement.name.table.name;
  BERTH_ASSIGN(const auto found, transaction->FindTable(intent.connection.id, schema, name));
  if (found) {
    intent.was_creating = found->state == TableState::kCreating;
    return intent;  // the warehouse says whether the table is there; its word is passed on
  }
  BERTH_ASSIGN(
      const auto inserted,
      transaction->InsertTable(
          {.connection_id = intent.connection.id, .schema = schema, .name = name, .state = TableState::kCreating}));
  intent.table_id = inserted.id;
  BERTH_TRY(transaction->Commit());
  return intent;
}

Result<Intent> IntendToDrop(const parser::DropTable& statement, TableScope& scope) {
  BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kWrite));
  Intent intent;
  BERTH_ASSIGN(intent.connection, RequireConnection(*transaction, statement.name.connection));
  const auto& schema = statement.name.schema.name;
  const auto& name = statement.name.table.name;
  BERTH_ASSIGN(auto jobs, transaction->JobsOnTable(intent.connection.id, schema, name));
  SeeCutOff(scope.shared, jobs);
  if (!jobs.empty()) return TableInUseError("drop", Shown(statement.name), jobs, statement.name.table.span);
  BERTH_ASSIGN(const auto found, transaction->FindTable(intent.connection.id, schema, name));
  if (!found) return intent;
  intent.table_id = found->id;
  intent.was_recorded = found->state == TableState::kRecorded;
  BERTH_TRY(transaction->UpdateTableState(found->id, TableState::kDropping));
  BERTH_TRY(transaction->Commit());
  return intent;
}

Status Record(const Intent& intent, TableState state, TableScope& scope) {
  if (!intent.table_id) return {};
  BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kWrite));
  BERTH_TRY(transaction->UpdateTableState(*intent.table_id, state));
  return transaction->Commit();
}

// The table was made; another's statement that failed may have taken the record away, or another may have made one.
Status RecordCreated(const Intent& intent, const parser::TableName& name, TableScope& scope) {
  BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kWrite));
  BERTH_ASSIGN(const auto found, transaction->FindTable(intent.connection.id, name.schema.name, name.table.name));
  if (found) {
    BERTH_TRY(transaction->UpdateTableState(found->id, TableState::kRecorded));
  } else {
    BERTH_ASSIGN(const auto inserted,
                 transaction->InsertTable(
                     {.connection_id = intent.connection.id, .schema = name.schema.name, .name = name.table.name}));
    static_cast<void>(inserted);
  }
  return transaction->Commit();
}

// The record goes if it still says what was intended; otherwise somebody else has had the last word on the table.
Status Forget(const Intent& intent, TableState intended, const parser::TableName& name, TableScope& scope) {
  if (!intent.table_id) return {};
  BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kWrite));
  BERTH_ASSIGN(const auto found, transaction->FindTable(intent.connection.id, name.schema.name, name.table.name));
  if (!found || found->state != intended) return {};
  BERTH_TRY(transaction->DeleteTable(found->id));
  return transaction->Commit();
}

// The warehouse has acted and the catalog did not follow: both are said.
Error NotRecorded(Error error, const std::string& table, std::string_view done) {
  error.message = fmt::format("table {} was {} in the warehouse, but the catalog could not record it: {}", table, done,
                              error.message);
  error.in_doubt = false;
  return error;
}

// IF NOT EXISTS of a table that the warehouse has: nothing is sent. nullopt: it has none.
Result<std::optional<Outcome>> FindExisting(const parser::CreateTable& statement, session::Session& session,
                                            TableScope& scope) {
  if (!statement.if_not_exists) return std::optional<Outcome>();
  BERTH_ASSIGN(const auto there, ColumnsInServer(session, statement.name, scope.deadline));
  if (there.empty()) return std::optional<Outcome>();
  const auto named = "table " + Shown(statement.name);
  const auto said = NamedColumns(statement.rest);
  if (!said) {
    TellNoChange(scope.notices, named + " exists; the statement does not say its columns, so they were not compared.");
    return std::optional(Command("CREATE TABLE"));
  }
  BERTH_ASSIGN(auto left, LeaveAsItIs({.named = named,
                                       .differing = ColumnDifferences(*said, there),
                                       .tag = "CREATE TABLE",
                                       .span = statement.name.table.span,
                                       .changed_by = "ALTER TABLE"},
                                      scope.settings, scope.notices));
  return std::optional(std::move(left));
}

}  // namespace

Result<Outcome> Run(const parser::CreateTable& statement, TableScope& scope) {
  BERTH_ASSIGN(const auto intent, IntendToCreate(statement, scope));
  const auto undo = [&](Error error) -> Error {
    const auto forgotten = Forget(intent, TableState::kCreating, statement.name, scope);
    if (!forgotten.ok()) error.detail += (error.detail.empty() ? "" : "\n") + forgotten.error().message;
    if (intent.was_creating && error.Sqlstate() == "42P07" && error.hint.empty())
      error.hint = "The catalog says that it is being created; if nobody is at it any more, ATTACH TABLE records it.";
    return error;
  };
  auto text = CreateText(statement, intent.connection, scope);
  if (!text.ok()) return undo(std::move(text).TakeError());
  auto session = scope.session_on(intent.connection);
  if (!session.ok()) return undo(std::move(session).TakeError());
  auto existing = FindExisting(statement, *session.value(), scope);
  if (!existing.ok()) return undo(std::move(existing).TakeError());
  if (existing.value()) {
    BERTH_TRY(RecordCreated(intent, statement.name, scope));
    return *std::move(existing.value());
  }
  auto sent = RunToEnd(*session.value(), text.value(), {}, scope.deadline);
  if (!sent.ok() && sent.error().in_doubt)
    return InDoubt(std::move(sent).TakeError(), Shown(statement.name), "created");
  if (!sent.ok()) return undo(WithoutSpan(std::move(sent).TakeError()));
  if (auto recorded = RecordCreated(intent, statement.name, scope); !recorded.ok()) {
    return NotRecorded(std::move(recorded).TakeError(), Shown(statement.name), "created");
  }
  return Command("CREATE TABLE");
}

Result<Outcome> Run(const parser::DropTable& statement, TableScope& scope) {
  BERTH_ASSIGN(const auto intent, IntendToDrop(statement, scope));
  const auto undo = [&](Error error) -> Error {
    if (!intent.was_recorded) return error;
    if (const auto back = Record(intent, TableState::kRecorded, scope); !back.ok())
      error.detail += (error.detail.empty() ? "" : "\n") + back.error().message;
    return error;
  };
  auto session = scope.session_on(intent.connection);
  if (!session.ok()) return undo(std::move(session).TakeError());
  const char* const behavior = statement.behavior == parser::DropBehavior::kCascade
                                   ? " CASCADE"
                                   : (statement.behavior == parser::DropBehavior::kRestrict ? " RESTRICT" : "");
  const auto text =
      fmt::format("DROP TABLE {}{}{}", statement.if_exists ? "IF EXISTS " : "", Shown(statement.name), behavior);
  auto sent = RunToEnd(*session.value(), text, {}, scope.deadline);
  if (!sent.ok() && sent.error().in_doubt)
    return InDoubt(std::move(sent).TakeError(), Shown(statement.name), "dropped");
  // 42P01: the table is gone already, dropped past Berth; its record goes as well.
  const bool gone = !sent.ok() && sent.error().Sqlstate() == "42P01" && intent.table_id;
  if (!sent.ok() && !gone) return undo(WithoutSpan(std::move(sent).TakeError()));
  if (gone)
    Tell(scope.notices, "WARNING",
         fmt::format("table {} was not in the warehouse; its record is dropped", Shown(statement.name)));
  if (auto forgotten = Forget(intent, TableState::kDropping, statement.name, scope); !forgotten.ok()) {
    return NotRecorded(std::move(forgotten).TakeError(), Shown(statement.name), "dropped");
  }
  return Command("DROP TABLE");
}

Result<Outcome> Run(const parser::AttachTable& statement, TableScope& scope) {
  const auto& schema = statement.name.schema.name;
  const auto& name = statement.name.table.name;
  catalog::Connection connection;
  {
    BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kRead));
    BERTH_ASSIGN(connection, RequireConnection(*transaction, statement.name.connection));
  }
  BERTH_ASSIGN(auto* const session, scope.session_on(connection));
  BERTH_ASSIGN(const bool there, TableIsThere(*session, schema, name, scope.deadline));
  if (!there) {
    return Error{
        .code = ErrorCode::kNotFound,
        .message = fmt::format("there is no table {} in database {} of connection {}", Shown(statement.name),
                               base::QuoteIdentifier(connection.database), base::QuoteIdentifier(connection.name)),
        .hint = "CREATE TABLE connection.schema.table makes and records one.",
        .sqlstate = "42P01",
        .span = statement.name.table.span};
  }
  BERTH_ASSIGN(const auto transaction, Begin(scope, Access::kWrite));
  BERTH_ASSIGN(const auto still, RequireConnection(*transaction, statement.name.connection));
  BERTH_ASSIGN(const auto recorded, transaction->FindTable(still.id, schema, name));
  if (recorded && recorded->state == TableState::kRecorded) {
    TellNoChange(scope.notices, fmt::format("table {} is recorded already.", Shown(statement.name)));
    return Command("ATTACH TABLE");
  }
  if (recorded) {
    BERTH_TRY(transaction->UpdateTableState(recorded->id, TableState::kRecorded));
  } else {
    BERTH_ASSIGN(
        const auto inserted,
        transaction->InsertTable({.connection_id = still.id, .schema = schema, .name = name, .attached = true}));
    static_cast<void>(inserted);
  }
  BERTH_TRY(transaction->Commit());
  return Command("ATTACH TABLE");
}

}  // namespace berth::engine
