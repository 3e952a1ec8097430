#include "app/migrate_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "parser/redact.h"

namespace berth::app {
namespace {

using migrations::Change;
using migrations::ChangeKind;
using migrations::FileState;

// "2 of 3 (catalog, etl)": what is done; where a file runs statement by statement, how far it is.
std::string PartsText(const FileState& state) {
  std::string targets;
  std::size_t done = 0;
  for (const auto& part : state.parts) {
    if (part.done) ++done;
    targets += targets.empty() ? "" : ", ";
    targets += part.connection.empty() ? "catalog" : part.connection;
    if (!part.done && part.started > 0)
      targets += fmt::format(": {} statement{} done", part.statements_done, part.statements_done == 1 ? "" : "s");
  }
  if (state.parts.empty()) return {};
  return fmt::format("{} of {} ({})", done, state.parts.size(), targets);
}

std::string ChangeText(const Change& change) {
  static constexpr std::array<char, 3> kSigns = {'+', '~', '-'};
  std::string text =
      fmt::format("  {} {} {}\n", kSigns[static_cast<std::size_t>(change.change)], change.kind, change.name);
  for (const auto& line : change.before) text += fmt::format("      was: {}\n", line);
  for (const auto& line : change.after) text += fmt::format("      is:  {}\n", line);
  for (const auto& dependent : change.dependents) text += fmt::format("      used by {}\n", dependent);
  return text;
}

std::string SendsText(const std::vector<migrations::Part>& sends) {
  std::string text;
  for (const auto& part : sends) {
    text += fmt::format("  > connection {}\n", base::QuoteIdentifier(part.connection));
    for (const auto& step : part.steps) {
      std::string_view rest = base::Trim(step.text);
      const auto shown = parser::Redact(rest).text;
      rest = shown;
      while (!rest.empty()) {
        const auto end = std::min(rest.find('\n'), rest.size());
        text += fmt::format("      {}\n", rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
  }
  return text;
}

}  // namespace

void WriteStatus(const std::vector<FileState>& states, shell::OutputFormat format, shell::Output& out) {
  static constexpr std::array<std::string_view, 7> kColumns = {"version",      "description",  "state", "parts",
                                                               "installed_on", "installed_by", "script"};
  std::vector<Column> columns;
  for (const auto name : kColumns) columns.push_back({.name = std::string(name)});
  const auto formatter = shell::MakeFormatter({.format = format}, out);
  formatter->Begin(columns);
  for (const auto& state : states) {
    const auto parts = PartsText(state);
    const auto known = [](const std::string& text) { return text.empty() ? Field() : Field(text); };
    const std::array<Field, kColumns.size()> fields = {
        known(state.version), state.description,         migrations::WordText(state.word),
        known(parts),         known(state.installed_on), known(state.installed_by),
        state.script};
    formatter->Row(fields);
  }
  formatter->End();
}

std::string DriftText(const std::vector<FileState>& states) {
  std::string text;
  for (const auto& state : states) {
    if (!migrations::IsDrift(state.word)) continue;
    text += fmt::format("DRIFT:  {} {}\nHINT:  {}\n", state.script, state.problem, state.hint);
  }
  return text;
}

std::string PlanText(const std::vector<migrations::PlannedFile>& plan) {
  std::string text;
  for (const auto& file : plan) {
    text += fmt::format("{} ({})\n", file.state->script, migrations::WordText(file.state->word));
    for (const auto& change : file.changes) text += ChangeText(change);
    text += SendsText(file.sends);
  }
  return text;
}

}  // namespace berth::app
