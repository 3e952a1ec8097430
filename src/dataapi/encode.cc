#include "dataapi/encode.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "dataapi/json_text.h"

namespace berth::dataapi {
namespace {

using statements::ExecutionMode;
using statements::Progress;
using statements::ResultFormat;
using statements::SessionStatus;
using statements::StatementFacts;

void TextIfSent(JsonText& out, std::string_view name, const std::optional<std::string>& value) {
  if (value) out.Text(name, *value);
}

std::string_view FormatName(ResultFormat format) {
  return format == ResultFormat::kCsv ? "CSV" : "JSON";
}

std::string_view StatusName(SessionStatus status) {
  switch (status) {
    case SessionStatus::kAvailable:
      return "AVAILABLE";
    case SessionStatus::kBusy:
      return "BUSY";
    case SessionStatus::kClosed:
      return "CLOSED";
  }
  return "CLOSED";
}

// What both an accepted and a described statement echo.
void Echo(JsonText& out, const StatementFacts& facts) {
  TextIfSent(out, "ClusterIdentifier", facts.target.cluster_identifier);
  TextIfSent(out, "WorkgroupName", facts.target.workgroup);
  TextIfSent(out, "Database", facts.target.database);
  TextIfSent(out, "DbUser", facts.target.db_user);
  TextIfSent(out, "SecretArn", facts.target.secret_arn);
  TextIfSent(out, "SessionId", facts.session_id);
}

void EncodeProgress(JsonText& out, const Progress& progress) {
  out.Text("Status", statements::StateName(progress.state));
  out.Time("CreatedAt", progress.created_at);
  out.Time("UpdatedAt", progress.updated_at);
  out.Number("Duration", progress.duration_ns);
  out.Number("ResultRows", progress.result_rows);
  out.Number("ResultSize", progress.result_size);
  out.Number("RedshiftQueryId", progress.redshift_query_id);
  out.Boolean("HasResultSet", progress.has_result_set);
  out.TextIfAny("Error", progress.error);
}

void EncodeParameters(JsonText& out, const std::vector<statements::SqlParameter>& parameters) {
  if (parameters.empty()) return;
  out.Begin("QueryParameters", '[');
  for (const auto& parameter : parameters) {
    out.Begin('{');
    out.Text("name", parameter.name);
    out.Text("value", parameter.value);
    out.End('}');
  }
  out.End(']');
}

void EncodeStatement(JsonText& out, const StatementFacts& facts) {
  out.Begin('{');
  out.Text("Id", facts.id);
  if (facts.is_batch) {
    out.Begin("QueryStrings", '[');
    for (const auto& sql : facts.sqls) out.Element(ShownSql(facts, sql));
    out.End(']');
  } else if (!facts.sqls.empty()) {
    out.Text("QueryString", ShownSql(facts, facts.sqls.front()));
  }
  EncodeParameters(out, facts.parameters);
  TextIfSent(out, "SecretArn", facts.target.secret_arn);
  TextIfSent(out, "SessionId", facts.session_id);
  out.TextIfAny("StatementName", facts.statement_name);
  out.Text("Status", statements::StateName(facts.progress.state));
  out.Time("CreatedAt", facts.progress.created_at);
  out.Time("UpdatedAt", facts.progress.updated_at);
  out.Boolean("IsBatchStatement", facts.is_batch);
  out.Text("ResultFormat", FormatName(facts.result_format));
  out.End('}');
}

std::string Ended(JsonText out, const std::optional<std::string>& next_token) {
  TextIfSent(out, "NextToken", next_token);
  out.End('}');
  return std::move(out).Take();
}

}  // namespace

std::string EncodeSubmitted(const StatementFacts& facts) {
  JsonText out;
  out.Begin('{');
  out.Text("Id", facts.id);
  out.Time("CreatedAt", facts.progress.created_at);
  Echo(out, facts);
  out.Text("Status", statements::StateName(facts.progress.state));
  out.Number("RedshiftPid", facts.redshift_pid);
  out.Boolean("HasResultSet", facts.progress.has_result_set);
  out.End('}');
  return std::move(out).Take();
}

std::string EncodeDescribed(const StatementFacts& facts) {
  JsonText out;
  out.Begin('{');
  out.Text("Id", facts.id);
  Echo(out, facts);
  EncodeProgress(out, facts.progress);
  out.Number("RedshiftPid", facts.redshift_pid);
  if (!facts.is_batch && !facts.sqls.empty()) out.Text("QueryString", ShownSql(facts, facts.sqls.front()));
  EncodeParameters(out, facts.parameters);
  out.Text("ResultFormat", FormatName(facts.result_format));
  if (facts.is_batch) {
    out.Text("ExecutionMode", facts.execution_mode == ExecutionMode::kAutoCommit ? "AUTO_COMMIT" : "TRANSACTION");
    out.Begin("SubStatements", '[');
    for (const auto& sub : facts.sub_statements) {
      out.Begin('{');
      out.Text("Id", sub.id);
      EncodeProgress(out, sub.progress);
      out.TextIfAny("QueryString", ShownSql(facts, sub.sql));
      out.End('}');
    }
    out.End(']');
  }
  out.End('}');
  return std::move(out).Take();
}

std::string EncodeCancelled() {
  return R"({"Status":true})";
}

std::string EncodeStatements(const statements::StatementPage& page) {
  JsonText out;
  out.Begin('{');
  out.Begin("Statements", '[');
  for (const auto& statement : page.statements) EncodeStatement(out, statement);
  out.End(']');
  return Ended(std::move(out), page.next_token);
}

std::string EncodeSessions(const statements::SessionPage& page) {
  JsonText out;
  out.Begin('{');
  out.Begin("Sessions", '[');
  for (const auto& session : page.sessions) {
    out.Begin('{');
    out.Text("SessionId", session.id);
    out.Text("Status", StatusName(session.status));
    out.Time("CreatedAt", session.created_at);
    out.Time("UpdatedAt", session.updated_at);
    TextIfSent(out, "Database", session.target.database);
    TextIfSent(out, "DbUser", session.target.db_user);
    TextIfSent(out, "ClusterIdentifier", session.target.cluster_identifier);
    TextIfSent(out, "WorkgroupName", session.target.workgroup);
    out.Number("SessionAliveSeconds", session.keep_alive_s);
    out.Time("SessionTtl", session.ends_at);
    if (session.status == SessionStatus::kBusy) TextIfSent(out, "CurrentStatementId", session.statement_id);
    out.End('}');
  }
  out.End(']');
  return Ended(std::move(out), page.next_token);
}

std::string EncodeResult(statements::ResultPage page, bool with_format) {
  JsonText out(std::move(page.records));
  out.Verbatim("ColumnMetadata", page.column_metadata);
  out.Number("TotalNumRows", page.total_rows);
  if (with_format) out.Text("ResultFormat", FormatName(page.format));
  return Ended(std::move(out), page.next_token);
}

std::string EncodeNames(std::string_view member, const statements::NamePage& page) {
  JsonText out;
  out.Begin('{');
  out.Begin(member, '[');
  for (const auto& name : page.names) out.Element(name);
  out.End(']');
  return Ended(std::move(out), page.next_token);
}

std::string EncodeTables(const statements::TablePage& page) {
  JsonText out;
  out.Begin('{');
  out.Begin("Tables", '[');
  for (const auto& table : page.tables) {
    out.Begin('{');
    out.Text("name", table.name);
    out.Text("schema", table.schema);
    out.Text("type", table.type);
    out.End('}');
  }
  out.End(']');
  return Ended(std::move(out), page.next_token);
}

std::string EncodeColumns(const statements::ColumnPage& page) {
  JsonText out;
  out.Begin('{');
  out.TextIfAny("TableName", page.table_name);
  out.Begin("ColumnList", '[');
  for (const auto& column : page.columns) {
    out.Begin('{');
    out.Text("name", column.name);
    out.TextIfAny("label", column.label);
    out.Text("typeName", column.type_name);
    out.Text("schemaName", column.schema_name);
    out.Text("tableName", column.table_name);
    out.Number("precision", column.precision);
    out.Number("scale", column.scale);
    out.Number("length", column.length);
    out.Number("nullable", column.nullable);
    out.Boolean("isSigned", column.is_signed);
    out.Boolean("isCaseSensitive", column.is_case_sensitive);
    out.Boolean("isCurrency", column.is_currency);
    TextIfSent(out, "columnDefault", column.column_default);
    out.End('}');
  }
  out.End(']');
  return Ended(std::move(out), page.next_token);
}

}  // namespace berth::dataapi
