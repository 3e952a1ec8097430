#include "imports/dbt_profiles.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "base/try.h"
#include "imports/jinja.h"
#include "imports/login.h"
#include "imports/tree.h"

namespace berth::imports {
namespace {

// Carried, or dbt's own way of working.
constexpr std::array<std::string_view, 23> kTaken = {"type",
                                                     "host",
                                                     "port",
                                                     "user",
                                                     "username",
                                                     "pass",
                                                     "password",
                                                     "dbname",
                                                     "database",
                                                     "schema",
                                                     "threads",
                                                     "method",
                                                     "region",
                                                     "cluster_id",
                                                     "iam_profile",
                                                     "sslmode",
                                                     "sslrootcert",
                                                     "connect_timeout",
                                                     "search_path",
                                                     "retries",
                                                     "ra3_node",
                                                     "autocommit",
                                                     "serverless_work_group"};

// One target, its expressions resolved but for the password's.
class Target {
 public:
  Target(const Tree& tree, const Variables& variables) : tree_(tree), variables_(variables) {}

  // Remembers the first thing that is missing.
  std::string Text(std::initializer_list<std::string_view> names) {
    std::string missing;
    const auto text = Expanded(tree_.TextOf(names), variables_, missing);
    if (!text && missing_.empty()) missing_ = fmt::format("{} needs {}", *names.begin(), missing);
    return text.value_or("");
  }
  std::string Raw(std::initializer_list<std::string_view> names) const { return tree_.TextOf(names); }
  const std::string& missing() const { return missing_; }
  const Tree& tree() const { return tree_; }

 private:
  const Tree& tree_;
  const Variables& variables_;
  std::string missing_;
};

void TakePassword(Target& target, FoundConnection& connection, Import& out) {
  const auto raw = target.Raw({"password", "pass"});
  if (raw.empty()) return;
  if (const auto variable = ReadEnvVar(raw)) {
    connection.password = {.kind = FoundPassword::Kind::kEnv, .secret = {}, .reference = variable->name};
    if (variable->otherwise)
      out.lost.push_back(
          fmt::format("{}: the default of {} in place of a password", connection.origin, variable->name));
  } else {
    connection.password = {
        .kind = FoundPassword::Kind::kLiteral, .secret = Secret(target.Text({"password", "pass"})), .reference = {}};
  }
}

void Take(const std::string& name, const std::string& origin, Target target, Import& out) {
  FoundConnection connection{.name = name, .origin = origin};
  const auto type = target.Text({"type"});
  if (type != "redshift" && type != "postgres") {
    out.lost.push_back(fmt::format("{}: its type is {}, neither redshift nor postgres", origin, type));
    return;
  }
  connection.port = type == "redshift" ? kRedshiftPort : kPostgresPort;
  connection.host = target.Text({"host"});
  connection.database = target.Text({"dbname", "database"});
  connection.user = target.Text({"user", "username"});
  const bool good_port = SetPort(target.Text({"port"}), connection);
  for (const char* const property : {"sslmode", "sslrootcert", "connect_timeout", "search_path"}) {
    const auto value = target.Text({property});
    if (!value.empty()) SetProperty(property, value, connection);
  }
  const auto method = target.Text({"method"});
  if (method == "iam" || method == "iam_role") {
    const IamLogin login{.cluster = target.Text({"cluster_id"}),
                         .workgroup = target.Text({"serverless_work_group"}),
                         .database = connection.database,
                         .user = connection.user,
                         .region = target.Text({"region"}),
                         .profile = target.Text({"iam_profile"})};
    if (!SetIamPassword(login, connection))
      out.lost.push_back(
          fmt::format("{}: method {} without a cluster: its password is for you to set", origin, method));
  } else if (method.empty() || method == "database") {
    TakePassword(target, connection, out);
  } else {
    out.lost.push_back(fmt::format("{}: method {} has no counterpart: its password is for you to set", origin, method));
  }
  if (!target.missing().empty() || !good_port) {
    out.lost.push_back(fmt::format("{}: {}", origin, good_port ? target.missing() : "its port is no port"));
    return;
  }
  for (const auto& [key, value] : target.tree().members) {
    bool known = false;
    for (const auto taken : kTaken) known = known || taken == key;
    if (!known) out.lost.push_back(fmt::format("{}: {} has no counterpart", origin, key));
  }
  out.connections.push_back(std::move(connection));
}

}  // namespace

Result<Import> FromDbtProfiles(const std::string& text, const Variables& variables) {
  BERTH_ASSIGN(const auto tree, ReadYaml(text));
  Import out;
  bool any = false;
  for (const auto& [profile, value] : tree.members) {
    const auto* const outputs = value.Find("outputs");
    if (outputs == nullptr || profile == "config") continue;
    any = true;
    for (const auto& [name, target] : outputs->members)
      Take(fmt::format("{}_{}", profile, name), fmt::format("dbt target {} of profile {}", name, profile),
           Target(target, variables), out);
  }
  if (any) return out;
  return Error{.code = ErrorCode::kSyntax,
               .message = "this is no profiles.yml: no profile in it has outputs",
               .hint = "dbt's profiles are in ~/.dbt/profiles.yml or beside dbt_project.yml."};
}

}  // namespace berth::imports
