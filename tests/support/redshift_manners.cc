#include "support/redshift_manners.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "support/redshift_tokens.h"

namespace berth::test {
namespace {

constexpr std::string_view kMark = "redshift_proxy_mark_";

// Younger than 8.0.
constexpr std::string_view kPostgresSettings[] = {"client_connection_check_interval",
                                                  "idle_in_transaction_session_timeout",
                                                  "idle_session_timeout",
                                                  "lock_timeout",
                                                  "bytea_output",
                                                  "intervalstyle",
                                                  "backslash_quote",
                                                  "synchronous_commit",
                                                  "session_replication_role",
                                                  "row_security",
                                                  "xmloption",
                                                  "jit",
                                                  "temp_buffers"};
constexpr std::string_view kStringSettings[] = {"standard_conforming_strings", "escape_string_warning"};
constexpr std::string_view kRedshiftSettings[] = {
    "query_group",          "enable_case_sensitive_identifier", "enable_result_cache_for_session",
    "wlm_query_slot_count", "analyze_threshold_percent",        "describe_field_name_in_uppercase"};
// What may follow a table in FROM without being its alias.
constexpr std::string_view kAfterTable[] = {"where", "order", "group", "limit", "join",  "left",   "right",  "inner",
                                            "full",  "cross", "on",    "union", "using", "having", "offset", "natural"};

bool In(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' || c == '\\' ? 2 : 1, c);
  return out + "'";
}

// The columns of stl_load_errors, and the rows of a COPY that failed.
std::string LoadErrors(const std::string& table) {
  constexpr std::string_view kColumns =
      "userid, slice, tbl, starttime, session, query, filename, line_number, colname, type, col_length, position, "
      "raw_line, raw_field_value, err_code, err_reason";
  std::string rows;
  for (int i = 1; i <= 7; ++i) {
    rows += std::string(i == 1 ? "" : ", ") + "(100, 0, 4242, now() at time zone 'UTC', pg_backend_pid(), 4711, " +
            Quoted("s3://bad/" + table + ".csv") + "::char(256), " + std::to_string(i * 10) +
            "::bigint, 'qty'::char(127), 'int4'::char(10), '0'::char(10), 4, 'abc|x'::char(1024), 'x" +
            std::to_string(i) + "'::char(1024), 1207, 'Invalid digit, Value ''x'', Pos 0, Type: Integer'::char(100))";
  }
  return "(select * from (values " + rows + ") as made_up(" + std::string(kColumns) + ")" +
         (table.empty() ? " where false)" : ")");
}

std::size_t CharactersTo(std::string_view sql, std::size_t offset) {
  return static_cast<std::size_t>(std::count_if(sql.begin(), sql.begin() + static_cast<std::ptrdiff_t>(offset),
                                                [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

RedshiftWords NoSuchSetting(const std::string& name) {
  return {.sqlstate = "42704", .message = "unrecognized configuration parameter \"" + name + "\""};
}

}  // namespace

// One statement of a text. The first rule that refuses wins.
struct StatementRewriter {
  RedshiftDialect& dialect;
  std::string_view sql;
  std::span<const SqlToken> tokens;
  const RedshiftManners& manners = dialect.manners_;
  std::string out;  // the text so far
  std::size_t copied;

  StatementRewriter(RedshiftDialect& in, std::string_view text, std::span<const SqlToken> statement, std::size_t from)
      : dialect(in), sql(text), tokens(statement), copied(from) {}

  bool Word(std::size_t i, std::string_view word) const { return i < tokens.size() && tokens[i].Is(word); }

  void Replace(std::size_t first, std::size_t last, std::string_view text) {
    out += sql.substr(copied, tokens[first].begin - copied);
    out += text;
    copied = tokens[last].end;
  }

  RedshiftWords SyntaxError(std::size_t i) const {
    const auto& token = tokens[i];
    return {
        .sqlstate = "42601",
        .message = "syntax error at or near \"" + std::string(sql.substr(token.begin, token.end - token.begin)) + "\"",
        .position = CharactersTo(sql, token.begin) + 1};
  }

  std::optional<RedshiftWords> RefusedWords() const {
    if (manners.session_words) {
      if (Word(0, "discard")) return SyntaxError(0);
      const std::size_t name = Word(1, "prepare") ? 2 : 1;
      if (Word(0, "deallocate") && Word(name, "all")) return SyntaxError(name);
    }
    const std::size_t to = Word(1, "work") || Word(1, "transaction") ? 2 : 1;
    if (manners.savepoints &&
        (Word(0, "savepoint") || Word(0, "release") || ((Word(0, "rollback") || Word(0, "abort")) && Word(to, "to")))) {
      const auto text = sql.substr(tokens.front().begin, tokens.back().end - tokens.front().begin);
      return RedshiftWords{.sqlstate = "0A000", .message = "SQL command \"" + std::string(text) + "\" not supported."};
    }
    return RefusedToken();
  }

  std::optional<RedshiftWords> RefusedToken() const {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      const auto& token = tokens[i];
      if (manners.strings && token.kind == TokenKind::kEscapeString) {
        return RedshiftWords{.sqlstate = "42704",
                             .message = "type \"e\" does not exist",
                             .position = CharactersTo(sql, token.begin) + 1};
      }
      const bool lock = token.kind == TokenKind::kWord &&
                        (token.text.starts_with("pg_advisory_") || token.text.starts_with("pg_try_advisory_"));
      if (manners.advisory_locks && lock && Word(i + 1, "(")) {
        return RedshiftWords{.sqlstate = "42883",
                             .message = "function " + token.text + "(integer) does not exist",
                             .hint =
                                 "No function matches the given name and argument types. You may need to add "
                                 "explicit type casts.",
                             .position = CharactersTo(sql, token.begin) + 1};
      }
    }
    return std::nullopt;
  }

  // SET, SHOW and RESET; renames the settings that only Redshift has.
  std::optional<RedshiftWords> Setting() {
    if (!Word(0, "set") && !Word(0, "show") && !Word(0, "reset")) return std::nullopt;
    const std::size_t at = Word(0, "set") && (Word(1, "session") || Word(1, "local")) ? 2 : 1;
    if (at >= tokens.size()) return std::nullopt;
    const std::string& name = tokens[at].text;
    if (manners.strings && In(kStringSettings, name)) return NoSuchSetting(name);
    if (!manners.settings) return std::nullopt;
    if (In(kPostgresSettings, name)) return NoSuchSetting(name);
    if (In(kRedshiftSettings, name)) Replace(at, at, "redshift." + name);
    return std::nullopt;
  }

  std::string Do(RedshiftWords words) const {
    const std::string level = words.severity == "INFO" ? "INFO" : "EXCEPTION";
    return "DO 'BEGIN RAISE " + level + " ''" + dialect.Mark(std::move(words)) + "''; END'";
  }

  void LoadFrom(const std::string& path) {
    std::string table;
    for (std::size_t i = 1; i < tokens.size() && !Word(i, "from") && !Word(i, "("); ++i) table = tokens[i].text;
    const bool bad = path.starts_with("s3://bad");
    dialect.failed_table_ = bad ? table : std::string();
    const std::string load = "Load into table '" + table + "' ";
    const auto text =
        bad ? Do({.sqlstate = "XX000", .message = load + "failed.  Check 'stl_load_errors' system table for details."})
            : Do({.severity = "INFO",
                  .sqlstate = "00000",
                  .message = load + "completed, 17 record(s) loaded successfully.",
                  .tag = "COPY"});
    Replace(0, tokens.size() - 1, text);
  }

  // COPY and UNLOAD.
  std::optional<RedshiftWords> Bulk() {
    if (!manners.copy || (!Word(0, "copy") && !Word(0, "unload"))) return std::nullopt;
    std::size_t at = 1;
    for (int depth = 0; at < tokens.size(); ++at) {
      depth += Word(at, "(") ? 1 : (Word(at, ")") ? -1 : 0);
      if (depth == 0 && (Word(at, "from") || Word(at, "to"))) break;
    }
    const bool to_s3 =
        at + 1 < tokens.size() && tokens[at + 1].kind == TokenKind::kString && tokens[at + 1].text.starts_with("s3://");
    if (Word(0, "unload")) {
      if (!to_s3 || !Word(at, "to")) return SyntaxError(std::min(at, tokens.size() - 1));
      Replace(0, tokens.size() - 1,
              Do({.severity = "INFO",
                  .sqlstate = "00000",
                  .message = "UNLOAD completed, 17 record(s) unloaded successfully.",
                  .tag = "UNLOAD"}));
      return std::nullopt;
    }
    if (at >= tokens.size()) return std::nullopt;  // PostgreSQL says what is wrong
    if (Word(at, "to")) return SyntaxError(at);
    if (!to_s3) {
      return RedshiftWords{
          .sqlstate = "XX000",
          .message = "LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based load is allowed)"};
    }
    LoadFrom(tokens[at + 1].text);
    return std::nullopt;
  }

  void ReplaceNames() {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].kind != TokenKind::kWord || tokens[i].begin < copied) continue;
      const std::size_t first = i >= 2 && Word(i - 1, ".") && Word(i - 2, "pg_catalog") ? i - 2 : i;
      const std::string& name = tokens[i].text;
      const bool call = Word(i + 1, "(") && Word(i + 2, ")");
      if (manners.version && call && name == "version") {
        Replace(first, i + 2, "(select " + Quoted(kRedshiftVersion) + "::text as version)");
      } else if (manners.copy && call && (name == "pg_last_copy_count" || name == "pg_last_unload_count")) {
        Replace(first, i + 2, "17::bigint");
      } else if (manners.copy && call && name == "pg_last_copy_id") {
        Replace(first, i + 2, dialect.failed_table_.empty() ? "(-1)" : "4711");
      } else if (manners.version && call && name == "pg_last_query_id") {
        Replace(first, i + 2, "4712");
      } else if (manners.version && name == "svv_external_tables") {
        Replace(first, i, "(values ('spectrum'::text, 'events'::text)) as svv_external_tables(schemaname, tablename)");
      } else if (manners.copy && name == "stl_load_errors") {
        const bool alias =
            i + 1 < tokens.size() && tokens[i + 1].kind != TokenKind::kSymbol && !In(kAfterTable, tokens[i + 1].text);
        Replace(first, i, LoadErrors(dialect.failed_table_) + (alias ? "" : " as stl_load_errors"));
      }
    }
  }

  // The statement's new text up to its last token.
  std::string Run() {
    auto refused = RefusedWords();
    if (!refused) refused = Setting();
    if (!refused) refused = Bulk();
    if (refused) {
      out.clear();
      copied = tokens.front().begin;
      Replace(0, tokens.size() - 1, dialect.Mark(*std::move(refused)));
    } else {
      ReplaceNames();
    }
    out += sql.substr(copied, tokens.back().end - copied);
    return out;
  }
};

std::string RedshiftDialect::Rewrite(std::string_view sql) {
  const auto tokens = SqlTokens(sql, manners_.strings);
  std::string out;
  std::size_t done = 0;
  for (auto begin = tokens.begin(); begin != tokens.end();) {
    const auto end = std::find_if(begin, tokens.end(), [](const SqlToken& token) { return token.Is(";"); });
    if (begin != end) {
      out += sql.substr(done, begin->begin - done);
      out += StatementRewriter(*this, sql, std::span(begin, end), begin->begin).Run();
      done = std::prev(end)->end;
    }
    begin = end == tokens.end() ? end : std::next(end);
  }
  return out.append(sql.substr(done));
}

std::string RedshiftDialect::Mark(RedshiftWords words) {
  const std::lock_guard lock(mutex_);
  const std::size_t number = words_.size() + 1;
  words_.emplace(number, std::move(words));
  return std::string(kMark) + std::to_string(number);
}

const RedshiftWords* RedshiftDialect::Find(std::string_view message) {
  const auto at = message.find(kMark);
  if (at == std::string_view::npos) return nullptr;
  message.remove_prefix(at + kMark.size());
  std::size_t number = 0;
  std::from_chars(message.data(), message.data() + message.size(), number);
  const std::lock_guard lock(mutex_);
  const auto found = words_.find(number);
  return found != words_.end() ? &found->second : nullptr;  // nodes of a map stay where they are
}

}  // namespace berth::test
