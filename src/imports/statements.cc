#include "imports/statements.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "imports/uri.h"
#include "parser/parse.h"

namespace berth::imports {
namespace {

constexpr std::size_t kCommentCharactersMax = 1'000;

std::string UrlOf(const FoundConnection& connection) {
  const bool v6 = connection.host.find(':') != std::string::npos;
  auto url = fmt::format("jdbc:redshift://{}{}{}:{}/{}", v6 ? "[" : "", connection.host, v6 ? "]" : "", connection.port,
                         Escaped(connection.database));
  char before = '?';
  for (const auto& [name, value] : connection.properties) {
    url += fmt::format("{}{}={}", before, name, Escaped(value));
    before = '&';
  }
  return url;
}

std::string VariableFor(std::string_view name) {
  auto variable = "BERTH_PASSWORD_" + base::ToUpper(name);
  for (char& c : variable) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter) c = '_';
  }
  return variable;
}

parser::Option TextOption(const char* name, std::string text) {
  return {.name = {.name = name}, .value = {.form = parser::ValueForm::kString, .text = std::move(text)}};
}

parser::Value PasswordOf(const FoundConnection& connection, Passwords passwords, std::string& variable) {
  const auto& password = connection.password;
  switch (password.kind) {
    case FoundPassword::Kind::kEnv:
      variable = password.reference;
      return {.form = parser::ValueForm::kEnv, .text = password.reference};
    case FoundPassword::Kind::kCommand:
      return {.form = parser::ValueForm::kCommand, .text = password.reference};
    case FoundPassword::Kind::kLiteral:
      if (passwords == Passwords::kSealed)
        return {.form = parser::ValueForm::kString, .text = std::string(password.secret.Reveal())};
      break;
    case FoundPassword::Kind::kNone:
      break;
  }
  variable = VariableFor(connection.name);
  return {.form = parser::ValueForm::kEnv, .text = variable};
}

std::string CommentOf(const FoundConnection& connection) {
  auto comment = connection.comment.substr(0, kCommentCharactersMax);
  while (!comment.empty() && !base::IsValidUtf8(comment)) comment.pop_back();  // a character that was cut
  return comment;
}

}  // namespace

std::vector<Planned> StatementsFor(const Import& import, Passwords passwords) {
  std::vector<Planned> planned;
  for (const auto& connection : import.connections) {
    parser::CreateConnection create;
    create.name.name = connection.name;
    create.options.push_back(TextOption("CONNECTION_STRING", UrlOf(connection)));
    create.options.push_back(TextOption("USER_NAME", connection.user));
    std::string variable;
    create.options.push_back({.name = {.name = "PASSWORD"}, .value = PasswordOf(connection, passwords, variable)});
    if (!connection.cluster_identifier.empty())
      create.options.push_back(TextOption("CLUSTER_IDENTIFIER", connection.cluster_identifier));
    if (!connection.workgroup.empty()) create.options.push_back(TextOption("WORKGROUP", connection.workgroup));
    if (!connection.comment.empty()) create.options.push_back(TextOption("COMMENT", CommentOf(connection)));
    planned.push_back({.statement = std::move(create), .origin = connection.origin, .variable = std::move(variable)});
  }
  return planned;
}

std::vector<Planned> StatementsFor(const Import& import, const std::string& connection) {
  std::vector<Planned> planned;
  for (const auto& job : import.jobs) {
    parser::AttachJob attach;
    attach.name.name = job.name;
    attach.connections.push_back({.name = connection});
    planned.push_back({.statement = std::move(attach), .origin = job.name, .variable = {}});
  }
  return planned;
}

std::string ScriptOf(const std::vector<Planned>& statements, const std::vector<std::string>& lost) {
  std::string script;
  for (const auto& planned : statements) {
    if (const bool job = planned.origin.starts_with("dbt:"); !job) script += fmt::format("-- {}\n", planned.origin);
    if (!planned.variable.empty())
      script +=
          fmt::format("-- The password is asked of the variable {} whenever a session logs in.\n", planned.variable);
    script += parser::Print(planned.statement, parser::PrintMode::kReadable) + ";\n\n";
  }
  if (!lost.empty()) script += "-- Not carried:\n";
  for (auto line : lost) {
    std::ranges::replace(line, '\n', ' ');
    script += fmt::format("--   {}\n", line);
  }
  return script;
}

}  // namespace berth::imports
