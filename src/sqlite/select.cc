#include "sqlite/select.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include <sqlite3.h>

#include "base/strings.h"
#include "base/try.h"

namespace berth::sqlite {
namespace {

constexpr int kStepsBetweenLooks = 10'000;  // of SQLite's machine, between two looks at the deadline

struct CloseHandle {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, CloseHandle>;
using Prepared = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

const char* TypeName(ValueKind kind) {
  switch (kind) {
    case ValueKind::kBoolean:
      return "BOOLEAN";
    case ValueKind::kInteger:
      return "INTEGER";
    case ValueKind::kFloat:
    case ValueKind::kNumeric:
      return "REAL";
    case ValueKind::kText:
      return "TEXT";
  }
  return "TEXT";
}

// Reads of our own tables, and functions that touch nothing outside. What a subquery gives is not asked about, but for
// one of which no column is read (count(*) of it): that has no database, and neither has a table named without one.
int Authorize(void* schema, int action, const char* first, const char* second, const char* database, const char*) {
  const auto is = [](const char* text, std::string_view wanted) { return text != nullptr && text == wanted; };
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ: {
      const bool ours =
          is(database, *static_cast<const std::string*>(schema)) || (database == nullptr && is(second, ""));
      const std::string_view table = first;
      return ours && !table.starts_with("sqlite_") && !table.starts_with("pragma_") ? SQLITE_OK : SQLITE_DENY;
    }
    case SQLITE_FUNCTION:
      return is(second, "load_extension") ? SQLITE_DENY : SQLITE_OK;
    default:
      return SQLITE_DENY;
  }
}

Error Internal(sqlite3* handle) {
  return {.code = ErrorCode::kInternal, .message = fmt::format("SQLite: {}", sqlite3_errmsg(handle))};
}

Status Run(sqlite3* handle, const std::string& sql) {
  return sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK ? Status()
                                                                                   : Status(Internal(handle));
}

std::int64_t IntegerOf(std::string_view text) {
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void BindText(sqlite3_stmt* statement, int at, std::string_view text) {
  sqlite3_bind_text64(statement, at, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
}

Status Fill(sqlite3* handle, const std::string& schema, const MemoryTable& table) {
  std::string columns;
  std::string places;
  for (const auto& column : table.columns) {
    columns += fmt::format("{}\"{}\" {}", columns.empty() ? "" : ", ", column.name, TypeName(column.kind));
    places += places.empty() ? "?" : ", ?";
  }
  BERTH_TRY(Run(handle, fmt::format("CREATE TABLE \"{}\".\"{}\" ({})", schema, table.name, columns)));
  const auto sql = fmt::format("INSERT INTO \"{}\".\"{}\" VALUES ({})", schema, table.name, places);
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(handle, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK) return Internal(handle);
  const Prepared insert(raw);
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size() && i < table.columns.size(); ++i) {
      const int at = static_cast<int>(i) + 1;
      const auto kind = table.columns[i].kind;
      if (!row[i]) {
        sqlite3_bind_null(raw, at);
      } else if (kind == ValueKind::kInteger) {
        sqlite3_bind_int64(raw, at, IntegerOf(*row[i]));
      } else if (kind == ValueKind::kBoolean) {
        sqlite3_bind_int64(raw, at, *row[i] == "t" ? 1 : 0);
      } else {
        BindText(raw, at, *row[i]);
      }
    }
    if (sqlite3_step(raw) != SQLITE_DONE) return Internal(handle);
    sqlite3_reset(raw);
  }
  return {};
}

// The run of one SELECT, and why it ended early.
struct Watcher {
  const SelectBounds& bounds;
  bool late = false, cancelled = false;

  static int Look(void* self) {
    auto& watcher = *static_cast<Watcher*>(self);
    watcher.late = watcher.bounds.deadline.Passed(watcher.bounds.clock);
    watcher.cancelled = watcher.bounds.cancelled && watcher.bounds.cancelled();
    return watcher.late || watcher.cancelled ? 1 : 0;
  }
};

Error Refused(sqlite3* handle, int code, const Watcher& watcher) {
  if (watcher.cancelled) return {.code = ErrorCode::kCancelled, .message = "the statement was cancelled"};
  if (watcher.late) {
    return {.code = ErrorCode::kDeadlineExceeded, .message = "the statement took longer than its deadline allows"};
  }
  Error error{.code = ErrorCode::kSyntax, .message = sqlite3_errmsg(handle)};
  if (code == SQLITE_AUTH) {
    error.code = ErrorCode::kInvalidArgument;
    error.message = "a SELECT on system tables can read those and nothing else";
  } else if (code == SQLITE_TOOBIG) {
    error.code = ErrorCode::kLimitExceeded;
    error.message = fmt::format("a value has more than {} bytes", kSelectValueBytesMax);
  } else if (code != SQLITE_ERROR) {
    error.code = ErrorCode::kInvalidArgument;
  }
  error.hint = "SELECTs on system tables are SQLite's SQL: no :: casts, no ILIKE, no schemas but information_schema.";
  if (const int offset = sqlite3_error_offset(handle); offset >= 0) {
    error.span = SourceSpan{.offset = static_cast<std::uint32_t>(offset), .length = 1};
  }
  return error;
}

Status BindParameters(sqlite3_stmt* statement, Parameters parameters) {
  const auto wanted = static_cast<std::size_t>(sqlite3_bind_parameter_count(statement));
  if (wanted != parameters.size()) {
    return Error{
        .code = ErrorCode::kInvalidArgument,
        .message = fmt::format("the statement has {} parameters, and {} were given", wanted, parameters.size()),
        .hint = "Parameters are written $1, $2 .."};
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const int at = sqlite3_bind_parameter_index(statement, fmt::format("${}", i + 1).c_str());
    if (at == 0) {
      return Error{.code = ErrorCode::kInvalidArgument, .message = fmt::format("the statement has no ${}", i + 1)};
    }
    if (parameters[i]) BindText(statement, at, *parameters[i]);
  }
  return {};
}

// What a column of expressions holds: a kind that all of its values have.
struct Seen {
  bool declared = false, integers = true, numbers = true, any = false;
};

ValueKind DeclaredKind(const char* type) {
  for (const auto kind : {ValueKind::kBoolean, ValueKind::kInteger, ValueKind::kFloat}) {
    if (std::string_view(type) == TypeName(kind)) return kind;
  }
  return ValueKind::kText;
}

std::optional<std::string> ValueAt(sqlite3_stmt* statement, int at, ValueKind kind, Seen& seen) {
  const int type = sqlite3_column_type(statement, at);
  if (type == SQLITE_NULL) return std::nullopt;
  seen.any = true;
  seen.integers = seen.integers && type == SQLITE_INTEGER;
  seen.numbers = seen.numbers && (type == SQLITE_INTEGER || type == SQLITE_FLOAT);
  if (seen.declared && kind == ValueKind::kBoolean && type == SQLITE_INTEGER) {
    return sqlite3_column_int64(statement, at) != 0 ? "t" : "f";
  }
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, at));
  return std::string(text == nullptr ? "" : text, static_cast<std::size_t>(sqlite3_column_bytes(statement, at)));
}

Result<Selected> ReadAll(sqlite3* handle, sqlite3_stmt* statement, const Watcher& watcher) {
  Selected out;
  std::vector<Seen> seen(static_cast<std::size_t>(sqlite3_column_count(statement)));
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const char* const declared = sqlite3_column_decltype(statement, static_cast<int>(i));
    seen[i].declared = declared != nullptr;
    out.columns.push_back({.name = sqlite3_column_name(statement, static_cast<int>(i)),
                           .kind = declared != nullptr ? DeclaredKind(declared) : ValueKind::kText});
  }
  while (true) {
    const int code = sqlite3_step(statement);
    if (code == SQLITE_DONE) break;
    if (code != SQLITE_ROW) return Refused(handle, code, watcher);
    if (out.rows.size() == kSelectRowsMax) {
      return Error{.code = ErrorCode::kLimitExceeded,
                   .message = fmt::format("the SELECT gives more than {} rows", kSelectRowsMax),
                   .hint = "Add a WHERE or a LIMIT."};
    }
    auto& row = out.rows.emplace_back();
    for (std::size_t i = 0; i < seen.size(); ++i)
      row.push_back(ValueAt(statement, static_cast<int>(i), out.columns[i].kind, seen[i]));
  }
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i].declared || !seen[i].any || !seen[i].numbers) continue;
    out.columns[i].kind = seen[i].integers ? ValueKind::kInteger : ValueKind::kFloat;
  }
  return out;
}

}  // namespace

Result<Selected> SelectInMemory(std::string_view sql, const std::string& schema, std::span<const MemoryTable> tables,
                                Parameters parameters, const SelectBounds& bounds) {
  sqlite3* raw = nullptr;
  const int opened =
      sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, nullptr);
  const Handle handle(raw);
  if (opened != SQLITE_OK) return Internal(raw);
  BERTH_TRY(Run(raw, fmt::format("ATTACH ':memory:' AS \"{}\"", schema)));
  for (const auto& table : tables) BERTH_TRY(Fill(raw, schema, table));

  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, kSelectValueBytesMax);
  sqlite3_limit(raw, SQLITE_LIMIT_ATTACHED, 0);
  std::string authorized = schema;
  sqlite3_set_authorizer(raw, &Authorize, &authorized);
  Watcher watcher{bounds};
  sqlite3_progress_handler(raw, kStepsBetweenLooks, &Watcher::Look, &watcher);

  sqlite3_stmt* prepared = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v2(raw, sql.data(), static_cast<int>(sql.size()), &prepared, &rest);
  const Prepared statement(prepared);
  if (code != SQLITE_OK) return Refused(raw, code, watcher);
  const auto tail = base::Trim(sql.substr(static_cast<std::size_t>(rest - sql.data())));
  if (prepared == nullptr || sqlite3_stmt_readonly(prepared) == 0 || tail.find_first_not_of("; \t\r\n") != tail.npos) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "system tables answer one SELECT at a time",
                 .hint = "Send what follows it as a statement of its own."};
  }
  BERTH_TRY(BindParameters(prepared, parameters));
  return ReadAll(raw, prepared, watcher);
}

}  // namespace berth::sqlite
