#include "script/script_check.h"

#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/strings.h"

namespace berth::script {
namespace {

std::string Lines(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += "\n      " + line;
  return out.empty() ? "\n      (nothing)" : out;
}

std::string_view Name(TransactionState state) {
  switch (state) {
    case TransactionState::kNone:
      return "none";
    case TransactionState::kWarehouse:
      return "warehouse";
    case TransactionState::kFailedWarehouse:
      return "failed-warehouse";
    case TransactionState::kCatalog:
      return "catalog";
    case TransactionState::kFailedCatalog:
      return "failed-catalog";
  }
  return "?";
}

std::pair<std::string, std::string> Halves(const std::string& text) {
  const auto space = text.find(' ');
  return {text.substr(0, space), space == std::string::npos ? "" : text.substr(space + 1)};
}

// Value by value; <any> stands for whatever is there.
bool SameRow(std::string_view expected, std::string_view got) {
  while (true) {
    const auto bar = expected.find('|');
    const auto got_bar = got.find('|');
    const auto value = expected.substr(0, bar);
    if (value != "<any>" && value != got.substr(0, got_bar)) return false;
    if (bar == std::string_view::npos || got_bar == std::string_view::npos) return bar == got_bar;
    expected.remove_prefix(bar + 1);
    got.remove_prefix(got_bar + 1);
  }
}

std::string WithBars(std::string line) {
  std::replace(line.begin(), line.end(), '\t', '|');
  return line;
}

}  // namespace

void Checker::Fail(std::size_t line, const std::string& what) {
  failures_.push_back("line " + std::to_string(line) + ": " + what);
}

Step Checker::Expanded(const Step& step) {
  Step out = step;
  std::vector<std::string*> texts = {&out.argument, &out.sql};
  for (auto& line : out.expected) texts.push_back(&line);
  for (auto* const text : texts) {
    std::string unknown;
    if (auto expanded = Expand(*text, world_.values(), unknown)) {
      *text = *std::move(expanded);
    } else {
      Fail(step.line, "there is no value for ${" + unknown + "}");
    }
  }
  return out;
}

void Checker::Run(const Step& step) {
  const auto expanded = Expanded(step);
  switch (step.kind) {
    case Kind::kStatement:
      return expanded.fails ? CheckError(expanded) : CheckStatement(expanded);
    case Kind::kQuery:
      return CheckQuery(expanded);
    case Kind::kTag:
    case Kind::kNotice:
    case Kind::kColumns:
      return CheckLast(expanded);
    case Kind::kAt:
      return CheckAt(expanded);
    case Kind::kState:
      return CheckState(expanded);
    case Kind::kConversation:
    case Kind::kClose:
    case Kind::kSetEnv:
    case Kind::kWriteFile:
    case Kind::kWarehouse:
    case Kind::kRestart:
    case Kind::kTimeout:
    case Kind::kAbsent:
      return Act(expanded);
  }
}

void Checker::RunStatement(std::size_t line, const std::string& sql) {
  Run({.kind = Kind::kStatement, .line = line, .argument = {}, .sql = sql, .expected = {}, .sqlstate = {}});
}

void Checker::CheckStatement(const Step& step) {
  last_sql_ = step.sql;
  last_ = world_.Execute(step.sql);
  if (last_.error) {
    Fail(step.line, "expected success, got " + std::string(last_.error->Sqlstate()) + ": " + Rendered(*last_.error));
  }
}

// The argument is a part of the message, or after "= " the whole of it; each expected line is a part of message, DETAIL
// and HINT.
void Checker::CheckError(const Step& step) {
  last_sql_ = step.sql;
  last_ = world_.Execute(step.sql);
  if (!last_.error) return Fail(step.line, "expected an error " + step.sqlstate + ", got success (" + last_.tag + ")");
  const auto whole = Rendered(*last_.error);
  const auto got = std::string(last_.error->Sqlstate()) + ": " + whole;
  if (last_.error->Sqlstate() != step.sqlstate) return Fail(step.line, "expected " + step.sqlstate + ", got " + got);
  const bool exact = step.argument.starts_with("= ");
  const auto wanted = exact ? step.argument.substr(2) : step.argument;
  const bool right = exact ? last_.error->message == wanted : last_.error->message.find(wanted) != std::string::npos;
  if (!right)
    return Fail(step.line, std::string("expected the message ") + (exact ? "" : "with ") + wanted + "\n    got " + got);
  for (const auto& line : step.expected) {
    if (whole.find(line) == std::string::npos) Fail(step.line, "expected the line " + line + "\n    got " + got);
  }
}

void Checker::CheckQuery(const Step& step) {
  CheckStatement(step);
  if (last_.error) return;
  std::vector<std::string> expected;
  for (const auto& line : step.expected) expected.push_back(WithBars(line));
  auto rows = last_.rows;
  if (step.sorted) {
    std::sort(rows.begin(), rows.end());
    std::sort(expected.begin(), expected.end());
  }
  if (!std::equal(rows.begin(), rows.end(), expected.begin(), expected.end(),
                  [](const auto& got, const auto& wanted) { return got == wanted || SameRow(wanted, got); }))
    Fail(step.line, "expected the rows" + Lines(expected) + "\n    got" + Lines(rows));
}

void Checker::CheckLast(const Step& step) {
  if (step.kind == Kind::kTag) {
    if (last_.tag != step.argument) Fail(step.line, "expected the tag " + step.argument + ", got " + last_.tag);
    return;
  }
  if (step.kind == Kind::kColumns) {
    std::string names;
    for (const auto& name : last_.columns) names += (names.empty() ? "" : "|") + name;
    if (names != WithBars(step.argument)) Fail(step.line, "expected the columns " + step.argument + ", got " + names);
    return;
  }
  const bool right = step.argument == "none"
                         ? last_.notices.empty()
                         : std::any_of(last_.notices.begin(), last_.notices.end(), [&](const auto& notice) {
                             return notice.find(step.argument) != std::string::npos;
                           });
  if (!right) Fail(step.line, "expected the notice " + step.argument + ", got" + Lines(last_.notices));
}

void Checker::CheckAt(const Step& step) {
  if (!last_.error || !last_.error->span) return Fail(step.line, "the last statement's error points nowhere");
  const auto span = *last_.error->span;
  if (span.offset > last_sql_.size()) return Fail(step.line, "the error points behind the statement");
  const auto piece = last_sql_.substr(span.offset, span.length);
  if (piece != step.argument) Fail(step.line, "expected the error at " + step.argument + ", got it at " + piece);
}

// state <connection, or - for none> <transaction>
void Checker::CheckState(const Step& step) {
  const auto state = world_.state();
  const auto got = (state.connection.empty() ? "-" : state.connection) + " " + std::string(Name(state.transaction));
  if (got != step.argument) Fail(step.line, "expected the state " + step.argument + ", got " + got);
}

void Checker::Act(const Step& step) {
  const auto [first, rest] = Halves(step.argument);
  switch (step.kind) {
    case Kind::kConversation:
      return world_.Switch(step.argument);
    case Kind::kClose:
      return world_.Close(step.argument);
    case Kind::kSetEnv:
      ::setenv(first.c_str(), rest.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): no statement runs now
      return;
    case Kind::kWriteFile:
      return world_.WriteFile(first, rest);
    case Kind::kWarehouse:
      return world_.Warehouse(step.argument);
    case Kind::kRestart:
      return world_.Restart();
    case Kind::kTimeout:
      if (const auto ms = base::ParseDurationMs(step.argument)) {
        world_.SetTimeout(std::chrono::milliseconds(*ms));
      } else {
        Fail(step.line, step.argument + " is no duration");
      }
      return;
    case Kind::kAbsent:
      if (const auto place = world_.Find(step.argument); !place.empty()) {
        Fail(step.line, "the text that is to be absent stands in " + place);
      }
      return;
    case Kind::kStatement:
    case Kind::kQuery:
    case Kind::kTag:
    case Kind::kNotice:
    case Kind::kColumns:
    case Kind::kAt:
    case Kind::kState:
      return;  // checked by the functions above
  }
}

}  // namespace berth::script
