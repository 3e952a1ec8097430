#include <fmt/core.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "engine/catalog_statements.h"
#include "engine/memory_rows.h"
#include "engine/record_table.h"
#include "engine/usages.h"
#include "engine/validate.h"

// EXPLAIN: the statement is run and undone. What it did to the catalog is what it would do; no pool hears of it, no
// server is asked and no key is made.
namespace berth::engine {
namespace {

using Row = std::vector<std::optional<std::string>>;

// What is said, and what would be sent.
struct Rehearsal {
  std::vector<Row> sends;
  std::vector<Notice> notices;
};

Row SendRow(const parser::TableName& name, std::string_view verb) {
  return {"send", "connection", base::QuoteIdentifier(name.connection.name), std::nullopt,
          fmt::format("{} {}", verb, TwoPartName(name.schema.name, name.table.name))};
}

Status OnTable(const parser::CreateTable& statement, CatalogScope& scope, Rehearsal& rehearsal) {
  rehearsal.sends.push_back(SendRow(statement.name, "CREATE TABLE"));
  return RecordTable(scope.transaction, TableWork::kCreated, statement.name);
}
Status OnTable(const parser::DropTable& statement, CatalogScope& scope, Rehearsal& rehearsal) {
  rehearsal.sends.push_back(SendRow(statement.name, "DROP TABLE"));
  return RecordTable(scope.transaction, TableWork::kDropped, statement.name);
}
Status OnTable(const parser::AttachTable& statement, CatalogScope& scope, Rehearsal&) {
  return RecordTable(scope.transaction, TableWork::kAttached, statement.name);
}

// An ALTER looks for its tables in the warehouse once it is made; nothing is asked here.
Status OnAlter(const parser::AlterConnection& statement, CatalogScope& scope) {
  BERTH_ASSIGN(const auto altered, AlterAndLook(statement, scope));
  const auto count = altered.tables.size();
  if (count == 0) return {};
  Tell(scope.notices, "WARNING",
       fmt::format("connection {} would lead to another database, which may lack some of the {} recorded table{}",
                   base::QuoteIdentifier(altered.is.name), count, count == 1 ? "" : "s"),
       {}, "The ALTER itself looks for them and tells which.");
  return {};
}

template <class T>
Status Try(const T& statement, CatalogScope& scope, Rehearsal& rehearsal) {
  if constexpr (std::is_same_v<T, parser::AlterConnection>) {
    return OnAlter(statement, scope);
  } else if constexpr (requires { Run(statement, scope); }) {
    auto outcome = Run(statement, scope);
    if (!outcome.ok()) return std::move(outcome).TakeError();
    return {};
  } else {
    return OnTable(statement, scope, rehearsal);
  }
}

std::string Joined(std::initializer_list<std::string_view> lines) {
  std::string text;
  for (const auto line : lines) {
    if (line.empty()) continue;
    text += (text.empty() ? "" : "\n") + std::string(line);
  }
  return text;
}

Row RefusalRow(const Error& error) {
  return {"refuse", std::nullopt, std::nullopt, std::nullopt,
          Joined({fmt::format("{} {}", error.Sqlstate(), error.message), error.detail, error.hint})};
}

Row ChangeRowOf(catalog::ChangeRow change) {
  const bool named = change.object_type == "table";  // its two names are quoted already
  return {std::move(change.action), std::move(change.object_type),
          named ? std::move(change.object_name) : base::QuoteIdentifier(change.object_name),
          change.options.empty() ? std::nullopt : std::optional(std::move(change.options)), std::nullopt};
}

}  // namespace

Result<Outcome> Run(const parser::Explain& statement, CatalogScope& scope) {
  Rehearsal rehearsal;
  const NoticeSink hear = [&](const Notice& notice) { rehearsal.notices.push_back(notice); };
  std::vector<std::function<void()>> never;
  CatalogScope within{scope.shared, scope.transaction, scope.settings, hear, never};
  Status refused;
  BERTH_ASSIGN(auto changes, scope.transaction.Rehearse(
                                 [&] {
                                   return std::visit(
                                       [&](const auto& explained) { return Try(explained, within, rehearsal); },
                                       statement.statement);
                                 },
                                 refused));
  RowsBuilder rows({"action", "object_type", "object_name", "options", "detail"});
  if (!refused.ok()) {
    rows.Add(RefusalRow(refused.error()));
    return rows.Build("EXPLAIN");
  }
  for (auto& row : rehearsal.sends) rows.Add(std::move(row));
  for (auto& change : changes) rows.Add(ChangeRowOf(std::move(change)));
  for (const auto& notice : rehearsal.notices) {
    rows.Add({base::ToLower(notice.severity), std::nullopt, std::nullopt, std::nullopt,
              Joined({notice.message, notice.detail, notice.hint})});
  }
  const bool nothing = changes.empty() && rehearsal.sends.empty() && rehearsal.notices.empty();
  if (nothing) rows.Add({"notice", std::nullopt, std::nullopt, std::nullopt, std::string(kNoChange)});
  return rows.Build("EXPLAIN");
}

}  // namespace berth::engine
