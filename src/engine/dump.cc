#include "engine/dump.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "base/try.h"
#include "engine/maintenance.h"
#include "parser/parse.h"

namespace berth::engine {
namespace {

// "BERTH_PASSWORD_" and "my redshift" -> "BERTH_PASSWORD_MY_REDSHIFT", and another one where that is taken.
std::string VariableFor(std::string_view begins, std::string_view object, const std::vector<std::string>& taken) {
  auto name = std::string(begins) + base::ToUpper(object);
  for (char& c : name) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter) c = '_';
  }
  auto variable = name;
  for (int i = 2; std::ranges::find(taken, variable) != taken.end(); ++i) variable = fmt::format("{}_{}", name, i);
  return variable;
}

// A literal in SHOW CREATE is a mask: a variable takes its place.
void PutReference(std::string_view begins, std::string_view object, parser::Value& value,
                  std::vector<std::string>& variables) {
  if (value.form != parser::ValueForm::kString) return;
  auto variable = VariableFor(begins, object, variables);
  value = {.form = parser::ValueForm::kEnv, .text = variable};
  variables.push_back(std::move(variable));
}

// The statement with variables in place of the masks.
Result<std::string> WithReferences(const CatalogObject& object, std::vector<std::string>& variables) {
  BERTH_ASSIGN(auto statement, parser::Parse(object.statement));
  std::string_view sealed = "password";
  if (auto* const connection = std::get_if<parser::CreateConnection>(&statement)) {
    for (auto& option : connection->options) {
      const bool next = option.name.name == "PASSWORD_NEXT";
      if (!next && option.name.name != "PASSWORD") continue;
      PutReference(next ? "BERTH_PASSWORD_NEXT_" : "BERTH_PASSWORD_", connection->name.name, option.value, variables);
    }
  } else if (auto* const secret = std::get_if<parser::CreateSecret>(&statement)) {
    sealed = "value";
    PutReference("BERTH_SECRET_", secret->name.name, secret->value, variables);
  } else {
    return Error{.message = fmt::format("{} {} is not made by a CREATE", object.kind, object.name)};
  }
  return fmt::format("-- The {} is sealed in the catalog that this comes from.\n{};", sealed,
                     parser::Print(statement, parser::PrintMode::kReadable));
}

std::string Head(const Engine& engine, const Dump& dump) {
  std::string head = fmt::format(
      "-- {}, as a script that makes it again:  berth --catalog URL -f FILE\n"
      "-- Each ATTACH TABLE asks its warehouse whether the table is there.\n",
      engine.CatalogName());
  if (!dump.variables.empty()) {
    head +=
        "-- Passwords that are sealed in the catalog are not in here. To be set when this is run, and as long as the\n"
        "-- connections are used, unless ALTER .. SET PASSWORD = '..' (ALTER SECRET .. AS '..') seals them again:\n";
    for (const auto& variable : dump.variables) head += fmt::format("--   {}\n", variable);
  }
  return head;
}

}  // namespace

Result<Dump> DumpCatalog(Engine& engine) {
  auto& maintenance = MaintenanceOf(engine);
  BERTH_ASSIGN(const auto objects, maintenance.Objects());
  BERTH_ASSIGN(const auto service, maintenance.ServiceAccess());
  BERTH_ASSIGN(const auto pauses, maintenance.Pauses());
  Dump dump;
  std::string body;
  for (const auto& object : objects) {
    auto statement = object.statement;
    if (object.masked) {
      BERTH_ASSIGN(statement, WithReferences(object, dump.variables));
    }
    body += fmt::format("\n{}\n", statement);
  }
  if (!service.empty()) body += "\n-- Access keys cannot be written down: CREATE ACCESS KEY makes new ones.\n";
  for (const auto& statement : service) body += fmt::format("\n{}\n", statement);
  for (const auto& pause : pauses) body += fmt::format("\n{}\n", pause);
  dump.script = Head(engine, dump) + body;
  return dump;
}

}  // namespace berth::engine
