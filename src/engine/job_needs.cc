#include "engine/job_needs.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_url.h"
#include "dependents/body_tables.h"
#include "dependents/touches.h"
#include "engine/names.h"
#include "engine/usages.h"
#include "parser/scan.h"

namespace berth::engine {
namespace {

using dependents::Touch;

constexpr std::size_t kUnreadShownMax = 5;
constexpr std::size_t kElsewhereShownMax = 5;  // databases

// A span of the body as a span of the whole statement.
std::optional<SourceSpan> InStatement(const JobBody& body, SourceSpan in_body) {
  if (!body.place) return std::nullopt;
  return SourceSpan{.offset = body.place->offset + in_body.offset, .length = in_body.length};
}

Result<std::vector<Touch>> TouchesOf(const JobBody& body, catalog::Transaction& transaction) {
  std::optional<Error> failed;
  const auto is_connection = [&](std::string_view name) {
    auto found = transaction.FindConnection(name);
    if (!found.ok() && !failed) failed = found.error();
    return found.ok() && found.value().has_value();
  };
  auto touches = dependents::FindTouches(body.text, is_connection, /*backslash_escapes=*/false);
  if (failed) return *std::move(failed);
  if (!touches.ok() && touches.error().span) {
    Error error = touches.error();
    error.span = InStatement(body, *error.span);
    return error;
  }
  return touches;
}

// A job runs on one connection: the chosen one, or the one that its tables name.
Result<catalog::Connection> ConnectionOf(const JobBody& body, std::optional<catalog::Connection> chosen,
                                         const std::vector<Touch>& touches, catalog::Transaction& transaction) {
  for (const auto& touch : touches) {
    if (touch.connection.empty()) continue;
    if (chosen && touch.connection == chosen->name) continue;
    if (chosen) {
      return Error{.code = ErrorCode::kNotSupported,
                   .message = fmt::format(
                       "job {} runs on connection {} and names a table of connection {}: a statement cannot reach "
                       "from one warehouse into another",
                       base::QuoteIdentifier(body.job), base::QuoteIdentifier(chosen->name),
                       base::QuoteIdentifier(touch.connection)),
                   .hint = "UNLOAD there into S3, and COPY from it here, in two jobs.",
                   .span = InStatement(body, touch.name)};
    }
    BERTH_ASSIGN(chosen, RequireConnection(transaction, {.name = touch.connection}));
  }
  if (chosen) return *std::move(chosen);
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("job {} names no connection", base::QuoteIdentifier(body.job)),
               .hint = "Write its target as connection.schema.table, or say CONNECTION = .. before AS.",
               .span = body.name};
}

Status CheckNotDropping(const catalog::Edge& edge, const JobBody& body, SourceSpan name,
                        catalog::Transaction& transaction) {
  BERTH_ASSIGN(const auto table, transaction.FindTable(edge.connection_id, edge.schema, edge.table));
  if (!table || table->state != catalog::TableState::kDropping) return {};
  return Error{.code = ErrorCode::kFailedPrecondition,
               .message = fmt::format("table {} is being dropped", TwoPartName(edge.schema, edge.table)),
               .hint = "Wait until DROP TABLE has ended; if it was cut off, run it again.",
               .span = InStatement(body, name)};
}

catalog::Role RoleOf(dependents::Role role) {
  switch (role) {
    case dependents::Role::kTarget:
      return catalog::Role::kTarget;
    case dependents::Role::kSource:
      return catalog::Role::kSource;
    case dependents::Role::kStaging:
      return catalog::Role::kStaging;
  }
  return catalog::Role::kSource;
}

catalog::Found FoundOf(dependents::Found found) {
  return found == dependents::Found::kParsed ? catalog::Found::kParsed : catalog::Found::kScanned;
}

// Where a name without a schema is looked for first: what the URL says, else the server's default.
Result<std::string> DefaultSchema(const catalog::Connection& connection) {
  BERTH_ASSIGN(const auto url, bind::ParseConnectionUrl(connection.connection_string));
  parser::Scanner scanner(url.settings.search_path, /*backslash_escapes=*/false);
  for (auto token = scanner.Next(); token.kind != parser::TokenKind::kEnd; token = scanner.Next()) {
    if (token.IsName() && token.Name() != "$user") return token.Name();
  }
  return std::string("public");
}

// What the body's own names c.s.t say and the readers did not see, as a column c.s.t.a of a table that stands nowhere.
void AddNamed(const std::vector<Touch>& touches, std::vector<dependents::TableUse>& uses) {
  for (const auto& touch : touches) {
    const bool known = std::any_of(uses.begin(), uses.end(), [&](const dependents::TableUse& use) {
      return use.schema == touch.schema && use.table == touch.table;
    });
    if (known || touch.connection.empty()) continue;
    uses.push_back({.schema = touch.schema,
                    .table = touch.table,
                    .role = touch.role,
                    .found = dependents::Found::kScanned,
                    .name = touch.name});
  }
}

void TellUnread(const JobBody& body, const std::vector<std::size_t>& unread, const NoticeSink& notices) {
  if (unread.empty()) return;
  std::string which;
  for (std::size_t i = 0; i < unread.size() && i < kUnreadShownMax; ++i)
    which += fmt::format("{}{}", i == 0 ? "" : ", ", unread[i]);
  if (unread.size() > kUnreadShownMax) which += fmt::format(" and {} more", unread.size() - kUnreadShownMax);
  Tell(notices, "WARNING",
       fmt::format("what job {} touches is not known in full: statement{} {} of its body could not be read",
                   base::QuoteIdentifier(body.job), unread.size() == 1 ? "" : "s", which),
       {}, "Its tables are not among the dependents; the connection is.");
}

// Redshift reads other databases of its cluster by such names, so it is no error; where a connection was meant, it is
// one.
void TellElsewhere(const JobBody& body, const std::vector<dependents::ElsewhereUse>& elsewhere,
                   const catalog::Connection& runs_on, const CatalogScope& scope) {
  for (std::size_t i = 0; i < elsewhere.size() && i < kElsewhereShownMax; ++i) {
    const auto& [database, schema, table] = elsewhere[i];
    const auto error = NoSuchConnection(scope.transaction, {.name = database});
    const auto name = base::QuoteIdentifier(database);
    Tell(scope.notices, "WARNING",
         fmt::format("job {} names {}.{}, and no connection is named {}: the name goes to connection {} as it stands",
                     base::QuoteIdentifier(body.job), name, TwoPartName(schema, table), name,
                     base::QuoteIdentifier(runs_on.name)),
         fmt::format("There {} is another database than {}; the table is not among the dependents.", name,
                     base::QuoteIdentifier(runs_on.database)),
         error.hint);
  }
}

}  // namespace

Result<JobNeeds> NeedsOf(const JobBody& body, std::optional<catalog::Connection> chosen, CatalogScope& scope) {
  BERTH_ASSIGN(const auto touches, TouchesOf(body, scope.transaction));
  JobNeeds needs;
  BERTH_ASSIGN(needs.connection, ConnectionOf(body, std::move(chosen), touches, scope.transaction));
  BERTH_ASSIGN(const auto schema, DefaultSchema(needs.connection));
  auto found = dependents::FindTables(dependents::WithBlankPrefixes(body.text, touches), /*backslash_escapes=*/false,
                                      schema, needs.connection.database);
  AddNamed(touches, found.tables);
  needs.edges.push_back({.connection_id = needs.connection.id, .role = catalog::Role::kConnection});
  for (auto& use : found.tables) {
    catalog::Edge edge{.connection_id = needs.connection.id,
                       .role = RoleOf(use.role),
                       .schema = std::move(use.schema),
                       .table = std::move(use.table),
                       .found = FoundOf(use.found)};
    BERTH_TRY(CheckNotDropping(edge, body, use.name, scope.transaction));
    needs.edges.push_back(std::move(edge));
  }
  TellUnread(body, found.unread, scope.notices);
  TellElsewhere(body, found.elsewhere, needs.connection, scope);
  return needs;
}

}  // namespace berth::engine
