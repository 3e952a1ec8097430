#include "engine/explain.h"

#include <fmt/core.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "catalog/utc.h"
#include "engine/catalog_statements.h"
#include "engine/connection_state.h"
#include "engine/memory_rows.h"
#include "engine/record_table.h"
#include "engine/rotate_password.h"
#include "engine/service_statements.h"
#include "engine/usages.h"
#include "engine/validate.h"

// What the statement did to the catalog is what it would do. What it would do beside that is said by hand.
namespace berth::engine {
namespace {

using Row = std::vector<std::optional<std::string>>;

// What is said, and what would be done that a rehearsal on the catalog does not do.
struct Rehearsal {
  std::vector<Row> rows;
  std::vector<Notice> notices;
};

Row SendRow(const parser::TableName& name, std::string_view verb) {
  return {"send", "connection", base::QuoteIdentifier(name.connection.name), std::nullopt,
          fmt::format("{} {}", verb, TwoPartName(name.schema.name, name.table.name))};
}

Status OnTable(const parser::CreateTable& statement, CatalogScope& scope, Rehearsal& rehearsal) {
  rehearsal.rows.push_back(SendRow(statement.name, "CREATE TABLE"));
  return RecordTable(scope.transaction, TableWork::kCreated, statement.name);
}
Status OnTable(const parser::DropTable& statement, CatalogScope& scope, Rehearsal& rehearsal) {
  rehearsal.rows.push_back(SendRow(statement.name, "DROP TABLE"));
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

// As RotatePassword goes about it, without a password.
Status OnRotate(const parser::RotatePassword& statement, CatalogScope& scope, Rehearsal& rehearsal) {
  BERTH_ASSIGN(const auto plan, PlanRotation(statement, scope.transaction));
  const auto& own = plan.targets.front();
  const auto name = base::QuoteIdentifier(own.name);
  const auto row = [&](const std::string& action, const catalog::Connection& target, std::optional<std::string> options,
                       std::optional<std::string> detail) {
    rehearsal.rows.push_back(
        {action, "connection", base::QuoteIdentifier(target.name), std::move(options), std::move(detail)});
  };
  row("login", own, std::nullopt, "with the password that is stored");
  for (const auto& target : plan.targets) {
    row("alter", target, "PASSWORD_NEXT",
        target.next ? "a new password, in the place of the one that is there" : "a new password");
  }
  row("send", own, std::nullopt,
      fmt::format("ALTER USER {} PASSWORD: the hash of the new one", base::QuoteIdentifier(own.user_name)));
  row("login", own, std::nullopt, "with the new password");
  for (const auto& target : plan.targets) row("alter", target, "PASSWORD, PASSWORD_NEXT", "the new one becomes it");
  if (const auto state = ConnectionState(scope.shared, own); state != "open") {
    Tell(scope.notices, "WARNING", fmt::format("connection {} is {}: its logins wait or are refused", name, state), {},
         fmt::format("RESUME CONNECTION {} ends that.", name));
  }
  if (!plan.others.empty()) {
    Tell(scope.notices, "WARNING", "other connections log in as the same user and would not be changed", plan.others,
         "Their logins are then refused until their password is the new one: give them one of their own.");
  }
  return {};
}

Status OnAccessKey(const parser::CreateAccessKey& statement, CatalogScope& scope, Rehearsal& rehearsal) {
  BERTH_ASSIGN(const auto key, PlanAccessKey(statement, scope));
  rehearsal.rows.push_back(
      {"create", "access key", std::nullopt, std::nullopt,
       fmt::format("for service user {}{}", base::QuoteIdentifier(key.user_name),
                   key.expires_at ? ", until " + catalog::UtcText(*key.expires_at) : std::string())});
  return {};
}

template <class T>
Status Try(const T& statement, CatalogScope& scope, Rehearsal& rehearsal) {
  if constexpr (requires { statement.validate; }) {
    if (statement.validate) {
      rehearsal.rows.push_back({"login", "connection", base::QuoteIdentifier(statement.name.name), std::nullopt,
                                "with what it would be, before anything is changed"});
    }
  }
  if constexpr (std::is_same_v<T, parser::AlterConnection>) {
    return OnAlter(statement, scope);
  } else if constexpr (std::is_same_v<T, parser::RotatePassword>) {
    return OnRotate(statement, scope, rehearsal);
  } else if constexpr (std::is_same_v<T, parser::CreateAccessKey>) {
    return OnAccessKey(statement, scope, rehearsal);
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

std::string RefusalText(const Error& error) {
  return Joined({fmt::format("{} {}", error.Sqlstate(), error.message), error.detail, error.hint});
}

Row ChangeRowOf(catalog::ChangeRow change) {
  // The two names of a table are quoted already; a key's id is one word.
  const bool named = change.object_type == "table" || change.object_type == "access key";
  return {std::move(change.action), std::move(change.object_type),
          named ? std::move(change.object_name) : base::QuoteIdentifier(change.object_name),
          change.options.empty() ? std::nullopt : std::optional(std::move(change.options)), std::nullopt};
}

}  // namespace

bool ActsOutsideCatalog(const parser::Explained& statement) {
  return std::visit(
      []<class T>(const T& explained) {
        if constexpr (requires { explained.validate; }) {
          return explained.validate;
        } else {
          return std::is_same_v<T, parser::CreateTable> || std::is_same_v<T, parser::DropTable> ||
                 std::is_same_v<T, parser::AttachTable> || std::is_same_v<T, parser::RotatePassword> ||
                 std::is_same_v<T, parser::PauseConnection>;
        }
      },
      statement);
}

Result<Outcome> RunExplain(const parser::Explain& statement, CatalogScope& scope, const Status& here) {
  Rehearsal rehearsal;
  const NoticeSink hear = [&](const Notice& notice) { rehearsal.notices.push_back(notice); };
  std::vector<std::function<void()>> never;
  CatalogScope within{scope.shared, scope.transaction, scope.settings, hear, never, scope.served};
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
    rows.Add({"refuse", std::nullopt, std::nullopt, std::nullopt, RefusalText(refused.error())});
    return rows.Build("EXPLAIN");
  }
  for (auto& row : rehearsal.rows) rows.Add(std::move(row));
  for (auto& change : changes) rows.Add(ChangeRowOf(std::move(change)));
  for (const auto& notice : rehearsal.notices) {
    rows.Add({base::ToLower(notice.severity), std::nullopt, std::nullopt, std::nullopt,
              Joined({notice.message, notice.detail, notice.hint})});
  }
  if (!here.ok()) {
    rows.Add({"warning", std::nullopt, std::nullopt, std::nullopt,
              "Here and now it would be refused: " + RefusalText(here.error())});
  }
  const bool nothing = changes.empty() && rehearsal.rows.empty() && rehearsal.notices.empty();
  if (nothing) rows.Add({"notice", std::nullopt, std::nullopt, std::nullopt, std::string(kNoChange)});
  return rows.Build("EXPLAIN");
}

}  // namespace berth::engine
