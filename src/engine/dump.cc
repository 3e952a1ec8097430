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

// "BERTH_PASSWORD_MY_REDSHIFT", and another one where that is taken.
std::string VariableFor(std::string_view connection, const std::vector<std::string>& taken) {
  auto name = "BERTH_PASSWORD_" + base::ToUpper(connection);
  for (char& c : name) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter) c = '_';
  }
  auto variable = name;
  for (int i = 2; std::ranges::find(taken, variable) != taken.end(); ++i) variable = fmt::format("{}_{}", name, i);
  return variable;
}

// The statement with a variable in place of the mask.
Result<std::string> WithReference(const CatalogObject& object, std::vector<std::string>& variables) {
  BERTH_ASSIGN(auto statement, parser::Parse(object.statement));
  auto* const create = std::get_if<parser::CreateConnection>(&statement);
  if (create == nullptr) return Error{.message = fmt::format("connection {} is not made by a CREATE", object.name)};
  for (auto& option : create->options) {
    if (option.name.name != "PASSWORD") continue;
    auto variable = VariableFor(create->name.name, variables);
    option.value = {.form = parser::ValueForm::kEnv, .text = variable};
    variables.push_back(std::move(variable));
  }
  return fmt::format("-- The password is sealed in the catalog that this comes from.\n{};",
                     parser::Print(statement, parser::PrintMode::kReadable));
}

std::string Head(const Engine& engine, const Dump& dump) {
  std::string head = fmt::format(
      "-- {}, as a script that makes it again:  berth --catalog URL -f FILE\n"
      "-- Each ATTACH TABLE asks its warehouse whether the table is there.\n",
      engine.CatalogName());
  if (!dump.variables.empty()) {
    head +=
        "-- Passwords that are sealed in the catalog are not in here. To be set when this is run, and as long as the\n";
    head += "-- connections are used, unless ALTER .. SET PASSWORD = '..' seals them again:\n";
    for (const auto& variable : dump.variables) head += fmt::format("--   {}\n", variable);
  }
  return head;
}

}  // namespace

Result<Dump> DumpCatalog(Engine& engine) {
  auto& maintenance = MaintenanceOf(engine);
  BERTH_ASSIGN(const auto objects, maintenance.Objects());
  BERTH_ASSIGN(const auto pauses, maintenance.Pauses());
  Dump dump;
  std::string body;
  for (const auto& object : objects) {
    auto statement = object.statement;
    if (object.masked) {
      BERTH_ASSIGN(statement, WithReference(object, dump.variables));
    }
    body += fmt::format("\n{}\n", statement);
  }
  for (const auto& pause : pauses) body += fmt::format("\n{}\n", pause);
  dump.script = Head(engine, dump) + body;
  return dump;
}

}  // namespace berth::engine
