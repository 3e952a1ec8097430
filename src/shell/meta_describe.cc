#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "base/try.h"
#include "shell/meta_call.h"
#include "shell/name_pattern.h"
#include "shell/sql_texts.h"
#include "shell/statement_runner.h"

namespace berth::shell {
namespace {

using Values = std::vector<std::optional<std::string>>;
using Rows = std::vector<Values>;

constexpr std::string_view kListedKinds =
    "rpvmSf";                                 // as psql's \d: tables, views, materialized views, sequences, foreign
constexpr std::size_t kDescribedMax = 1'000;  // relations that one \d describes

// A question of the shell's own to the server. The verdict is how it ended; its error has been said.
Verdict Ask(MetaCall& call, std::string_view sql, Values parameters, Collected& answer) {
  return RunStatement(call.console, SqlText(sql), call.place,
                      {.formatter = &answer, .to_server = true, .quiet = true, .parameters = std::move(parameters)});
}

// An answer as a table, whatever the settings say of titles.
Verdict Show(MetaCall& call, const Collected& answer, FormatOptions look) {
  auto& console = call.console;
  look.screen_columns = ScreenColumns().value_or(kColumnsUnlimited);
  const auto table = MakeFormatter(look, console.results());
  table->Begin(answer.columns());
  for (const auto& row : answer.rows()) {
    std::vector<Field> fields(row.begin(), row.end());
    table->Row(fields);
  }
  table->End();
  return console.FlushResults();
}

Result<Verdict> AskAndShow(MetaCall& call, std::string_view sql, Values parameters, std::string title) {
  Collected answer;
  if (const auto verdict = Ask(call, sql, std::move(parameters), answer); verdict != Verdict::kOk) return verdict;
  auto look = call.console.settings.print;
  look.title = std::move(title);
  return Show(call, answer, look);
}

std::string Letter(bool yes) {
  return yes ? "t" : "f";
}

bool OnRedshift(const Console& console) {
  const auto session = console.conversation.session();
  return session && session->server_version.starts_with("8.0");
}

// Opens a session where none is: the server's version decides on some of the questions.
Status NeedSession(Console& console) {
  if (console.conversation.session()) return {};
  const Interrupts::Running running(console.interrupts, console.conversation);
  const auto& timeout = console.settings.timeout;
  auto connected = console.conversation.Connect(timeout ? Deadline::After(console.clock, *timeout) : Deadline::Never());
  if (!connected.ok()) return std::move(connected).TakeError();
  return {};
}

Error NoneFound(const MetaCall& call) {
  return Error{.code = ErrorCode::kNotFound,
               .message = call.arguments.empty()
                              ? "Did not find any relations."
                              : fmt::format("Did not find any relation named \"{}\".", call.arguments[0])};
}

Result<Verdict> ListRelations(MetaCall& call, const std::string& kinds) {
  const auto pattern = ReadNamePattern(call.Argument(0).value_or(""));
  const bool any = call.arguments.empty();
  const bool indexes = kinds == "iI";
  Collected answer;
  const auto verdict = Ask(call, indexes ? "index_relations.sql" : "relations.sql",
                           {kinds, pattern.schema, pattern.name, Letter(pattern.schema.empty()), Letter(any)}, answer);
  if (verdict != Verdict::kOk) return verdict;
  if (answer.rows().empty()) return NoneFound(call);
  auto look = call.console.settings.print;
  look.title = "List of relations";
  return Show(call, answer, look);
}

std::string KindTitle(std::string_view kind) {
  if (kind == "r") return "Table";
  if (kind == "v") return "View";
  if (kind == "m") return "Materialized view";
  if (kind == "i") return "Index";
  if (kind == "S") return "Sequence";
  if (kind == "t") return "TOAST table";
  if (kind == "f") return "Foreign table";
  if (kind == "p") return "Partitioned table";
  if (kind == "I") return "Partitioned index";
  return "Composite type";
}

// "CREATE UNIQUE INDEX i ON s.t USING btree (a)" from its USING on, as psql shows it.
std::string_view IndexTail(std::string_view definition) {
  const auto at = definition.find(" USING ");
  return at == std::string_view::npos ? definition : definition.substr(at + 7);
}

std::string IndexLine(const Values& row) {
  const auto is = [&](std::size_t i) { return row[i] == "t"; };
  std::string line = fmt::format("    \"{}\"", row[0].value_or(""));
  if (is(1)) {
    line += " PRIMARY KEY,";
  } else if (is(2)) {
    line += is(3) ? " UNIQUE CONSTRAINT," : " UNIQUE,";
  }
  return fmt::format("{} {}", line, IndexTail(row[4].value_or("")));
}

// Asks for what stands below the columns, and adds it under its heading.
template <class Line>
Verdict AddFooters(MetaCall& call, std::string_view sql, Values parameters, std::string_view heading, Line line,
                   std::vector<std::string>& footers) {
  Collected answer;
  if (const auto verdict = Ask(call, sql, std::move(parameters), answer); verdict != Verdict::kOk) return verdict;
  if (!answer.rows().empty()) footers.emplace_back(heading);
  for (const auto& row : answer.rows()) footers.push_back(line(row));
  return Verdict::kOk;
}

Verdict TableFooters(MetaCall& call, const std::string& oid, std::vector<std::string>& footers) {
  const auto constraint = [](const Values& row) {
    return fmt::format("    \"{}\" {}", row[0].value_or(""), row[1].value_or(""));
  };
  auto verdict = AddFooters(call, "indexes.sql", {oid}, "Indexes:", IndexLine, footers);
  if (verdict != Verdict::kOk) return verdict;
  verdict = AddFooters(call, "constraints.sql", {oid, "c"}, "Check constraints:", constraint, footers);
  if (verdict != Verdict::kOk) return verdict;
  verdict = AddFooters(call, "constraints.sql", {oid, "f"}, "Foreign-key constraints:", constraint, footers);
  if (verdict != Verdict::kOk) return verdict;
  return AddFooters(
      call, "referenced_by.sql", {oid}, "Referenced by:",
      [](const Values& row) {
        return fmt::format("    TABLE \"{}\" CONSTRAINT \"{}\" {}", row[0].value_or(""), row[1].value_or(""),
                           row[2].value_or(""));
      },
      footers);
}

Verdict DescribeOne(MetaCall& call, const Values& relation) {
  const std::string oid = relation[0].value_or("0");
  const std::string kind = relation[3].value_or("");
  Collected columns;
  const auto* sql = OnRedshift(call.console) ? "columns_redshift.sql" : "columns.sql";
  if (const auto verdict = Ask(call, sql, {oid}, columns); verdict != Verdict::kOk) return verdict;
  auto look = call.console.settings.print;
  look.title = fmt::format("{} \"{}.{}\"", KindTitle(kind), relation[1].value_or(""), relation[2].value_or(""));
  look.footer = false;
  if (kind == "r" || kind == "p" || kind == "m" || kind == "f") {
    if (const auto verdict = TableFooters(call, oid, look.footers); verdict != Verdict::kOk) return verdict;
  }
  return Show(call, columns, look);
}

}  // namespace

Result<Verdict> MetaDescribe(MetaCall& call) {
  const std::string letters = call.name.substr(2);
  std::string kinds;
  for (const char letter : letters) {
    kinds += letter == 't' ? "rp" : letter == 'i' ? "iI" : letter == 'E' ? "f" : std::string(1, letter);
  }
  for (auto& kind : kinds) kind = kind == 's' ? 'S' : kind;
  if (!letters.empty()) return ListRelations(call, kinds);
  if (call.arguments.empty()) return ListRelations(call, std::string(kListedKinds));
  BERTH_TRY(NeedSession(call.console));
  const auto pattern = ReadNamePattern(call.arguments[0]);
  Collected found;
  const auto verdict =
      Ask(call, "find_relations.sql", {pattern.schema, pattern.name, Letter(pattern.schema.empty())}, found);
  if (verdict != Verdict::kOk) return verdict;
  if (found.rows().empty()) return NoneFound(call);
  if (found.rows().size() > kDescribedMax) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("\\d describes at most {} relations, {} fit the pattern", kDescribedMax,
                                        found.rows().size())};
  }
  for (const auto& relation : found.rows()) {
    if (const auto described = DescribeOne(call, relation); described != Verdict::kOk) return described;
  }
  return Verdict::kOk;
}

Result<Verdict> MetaDatabases(MetaCall& call) {
  const auto pattern = ReadNamePattern(call.Argument(0).value_or(""));
  return AskAndShow(call, "databases.sql", {pattern.name}, "List of databases");
}

Result<Verdict> MetaSchemas(MetaCall& call) {
  const auto pattern = ReadNamePattern(call.Argument(0).value_or(""));
  return AskAndShow(call, "schemas.sql", {pattern.name, Letter(call.arguments.empty())}, "List of schemas");
}

Result<Verdict> MetaFunctions(MetaCall& call) {
  BERTH_TRY(NeedSession(call.console));
  const auto pattern = ReadNamePattern(call.Argument(0).value_or(""));
  return AskAndShow(call, OnRedshift(call.console) ? "functions_redshift.sql" : "functions.sql",
                    {pattern.schema, pattern.name, Letter(pattern.schema.empty()), Letter(call.arguments.empty())},
                    "List of functions");
}

}  // namespace berth::shell
