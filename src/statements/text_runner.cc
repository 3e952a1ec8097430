#include "statements/text_runner.h"

#include <map>
#include <memory>
#include <utility>

#include "base/try.h"
#include "engine/sql_texts.h"
#include "parser/splitter.h"
#include "statements/column_metadata.h"
#include "statements/error_words.h"
#include "statements/named_parameters.h"

namespace berth::statements {
namespace {

constexpr std::size_t kTablesMax = 64;  // whose columns are looked up for one result
constexpr std::chrono::milliseconds kAskMax{10'000};

// The extended protocol takes one statement, and so does the service.
Status CheckSingle(const std::string& sql, bool backslash_escapes) {
  const auto semicolon = sql.find(';');
  if (semicolon == std::string::npos || semicolon + 1 == sql.size()) return {};
  parser::Splitter splitter({});
  splitter.SetBackslashEscapes(backslash_escapes);
  splitter.Feed(sql);
  splitter.Finish();
  std::size_t count = 0;
  while (splitter.Next()) ++count;
  if (count <= 1) return {};
  return Error{.code = ErrorCode::kSyntax,
               .message = "cannot insert multiple commands into a prepared statement",
               .hint = "Use BatchExecuteStatement to run several statements."};
}

}  // namespace

TextRunner::TextRunner(Environment environment) : at_(std::move(environment)) {
  at_.conversation.SetNoticeSink([this](const Notice& notice) {
    if (notices_.size() < kNoticesMax) notices_.push_back(notice);
  });
}

TextRunner::~TextRunner() {
  at_.conversation.SetNoticeSink(nullptr);
}

TextEnd TextRunner::Run(const std::string& sql, std::span<const SqlParameter> parameters, ResultFormat format,
                        const std::string& result_path) {
  notices_.clear();
  TextEnd end;
  BoundText bound;
  const Status status = [&]() -> Status {
    const bool escapes = at_.conversation.state().backslash_escapes;
    BERTH_TRY(CheckSingle(sql, escapes));
    if (parameters.empty()) {
      bound.text = sql;
    } else {
      BERTH_ASSIGN(bound, BindNamed(sql, parameters, escapes));
    }
    return RunBound(bound, format, result_path, end);
  }();
  std::string words;
  if (!status.ok()) {
    const auto& error = status.error();
    const bool cancelled = error.code == ErrorCode::kCancelled && at_.cancelled();
    end = TextEnd{.state = cancelled ? StatementState::kAborted : StatementState::kFailed,
                  .session_lost = error.code == ErrorCode::kSessionLost};
    words = cancelled ? std::string(kCancelledWords) : WordError(error, sql, bound);
  }
  const auto told = WordNotices(notices_);
  if (!words.empty() && !told.empty()) words += '\n';
  end.error = CutWords(words + told);
  return end;
}

Result<Outcome> TextRunner::Send(std::string_view text, Parameters parameters) {
  return at_.catalog ? at_.conversation.Execute(text, parameters, at_.deadline)
                     : at_.conversation.Pass(text, parameters, at_.deadline);
}

Status TextRunner::RunBound(const BoundText& bound, ResultFormat format, const std::string& result_path, TextEnd& end) {
  if (at_.cancelled()) return Error{.code = ErrorCode::kCancelled, .message = "cancelled"};
  BERTH_ASSIGN(auto outcome, Send(bound.text, bound.values));
  BERTH_TRY(Drain(std::move(outcome), format, result_path, end));
  if (at_.redshift) {
    const auto rows = Ask("last_query_id.sql", -1);
    if (!rows.empty()) end.query_id = std::atoll(rows.front().front().c_str());
  }
  return {};
}

Status TextRunner::Drain(Outcome outcome, ResultFormat format, const std::string& result_path, TextEnd& end) {
  const std::vector<Column> columns(outcome->columns().begin(), outcome->columns().end());
  std::unique_ptr<ResultWriter> writer;
  if (!columns.empty()) writer = std::make_unique<ResultWriter>(result_path, format, columns, at_.limits, at_.budget);
  while (true) {
    BERTH_ASSIGN(const auto row, outcome->Next());
    if (!row) break;
    if (writer) BERTH_TRY(writer->Add(*row));
  }
  end.rows = outcome->tag().rows.value_or(0);
  while (true) {  // an error may still follow the last row; more results do not, of one statement
    BERTH_ASSIGN(const bool more, outcome->NextResult());
    if (!more) break;
    while (true) {
      BERTH_ASSIGN(const auto row, outcome->Next());
      if (!row) break;
    }
  }
  outcome.reset();
  end.size = 0;
  if (!writer) return {};
  std::vector<ColumnMetadata> metadata;
  for (const auto& column : columns) metadata.push_back(DescribeColumn(column));
  if (!at_.catalog) FillColumns(columns, metadata);
  BERTH_TRY(writer->Finish(EncodeColumns(metadata)));
  end.rows = writer->rows();
  end.size = writer->server_bytes();
  end.stored_bytes = writer->stored_bytes();
  end.small_result = writer->small_result();
  end.has_result_set = true;
  return {};
}

// What the server alone knows of columns: their tables, and the names of types that are not Redshift's. Where it cannot
// be asked (a failed transaction), the metadata stays without.
void TextRunner::FillColumns(std::span<const Column> columns, std::vector<ColumnMetadata>& metadata) {
  std::map<std::uint32_t, std::vector<std::vector<std::string>>> tables;
  std::map<std::uint32_t, std::string> types;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& column = columns[i];
    if (!KnowsType(column.type_oid)) {
      auto [type, fresh] = types.try_emplace(column.type_oid);
      if (fresh && types.size() <= kTablesMax) {
        const auto rows = Ask("type_name.sql", column.type_oid);
        if (!rows.empty()) type->second = rows.front().front();
      }
      metadata[i].type_name = type->second;
    }
    if (column.table_oid == 0 || column.table_column <= 0) continue;
    auto [table, fresh] = tables.try_emplace(column.table_oid);
    if (fresh && tables.size() <= kTablesMax) table->second = Ask("table_columns.sql", column.table_oid);
    for (const auto& row : table->second) {
      if (row[2] != std::to_string(column.table_column)) continue;
      metadata[i].schema_name = row[0];
      metadata[i].table_name = row[1];
      metadata[i].nullable = row[3] == "t" ? 0 : 1;
    }
  }
}

std::vector<std::vector<std::string>> TextRunner::Ask(std::string_view sql_name, std::int64_t parameter) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::optional<std::string>> values;
  if (parameter >= 0) values.emplace_back(std::to_string(parameter));
  const auto deadline = Deadline::After(at_.clock, kAskMax).Sooner(at_.deadline);
  auto outcome = at_.conversation.Pass(engine::SqlText(sql_name), values, deadline);
  if (!outcome.ok()) return {};
  while (true) {
    const auto row = outcome.value()->Next();
    if (!row.ok()) return {};
    if (!row.value()) return rows;
    auto& texts = rows.emplace_back();
    for (const auto& field : *row.value()) texts.emplace_back(field.value_or(""));
  }
}

Status TextRunner::Command(std::string_view sql) {
  BERTH_ASSIGN(const auto outcome, Send(sql, {}));
  while (true) {
    BERTH_ASSIGN(const auto row, outcome->Next());
    if (!row) break;
  }
  if (sql == "COMMIT" && outcome->tag().text == "ROLLBACK") {
    return Error{.code = ErrorCode::kFailedTransaction, .message = "the transaction had failed: it was rolled back"};
  }
  BERTH_ASSIGN(const bool more, outcome->NextResult());
  static_cast<void>(more);
  return {};
}

}  // namespace berth::statements
