#include "imports/airflow.h"

#include <fmt/core.h>

#include <array>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "imports/login.h"
#include "imports/tree.h"
#include "imports/uri.h"

namespace berth::imports {
namespace {

// One connection in whatever form it came.
struct Entry {
  std::string type, host, login, password, port, schema, description;
  Tree extra;
};

bool IsPostgres(const std::string& type) {
  return type == "postgres" || type == "postgresql";
}

Tree MapOf(const std::map<std::string, std::string>& members) {
  Tree tree{.kind = Tree::Kind::kMap};
  for (const auto& [name, value] : members)
    tree.members.push_back({name, {.kind = Tree::Kind::kScalar, .text = value}});
  return tree;
}

Result<Entry> FromUri(const std::string& text) {
  auto uri = ReadUri(text);
  if (!uri) return Error{.code = ErrorCode::kSyntax, .message = "neither a URI nor JSON"};
  Entry entry{.type = base::ToLower(uri->scheme),
              .host = uri->host,
              .login = uri->user,
              .password = std::move(uri->password),
              .port = uri->port,
              .schema = uri->path,
              .description = {},
              .extra = {}};
  const auto extra = uri->query.find("__extra__");
  if (extra == uri->query.end()) {
    entry.extra = MapOf(uri->query);
  } else {
    BERTH_ASSIGN(entry.extra, ReadJson(extra->second));
  }
  return entry;
}

Result<Entry> FromMap(const Tree& tree) {
  Entry entry{.type = base::ToLower(tree.Text("conn_type")),
              .host = tree.Text("host"),
              .login = tree.Text("login"),
              .password = tree.Text("password"),
              .port = tree.Text("port"),
              .schema = tree.Text("schema"),
              .description = tree.Text("description"),
              .extra = {}};
  const auto* const extra = tree.Find("extra");
  if (extra != nullptr && extra->kind == Tree::Kind::kMap) entry.extra = *extra;
  if (extra != nullptr && extra->kind == Tree::Kind::kScalar && !base::Trim(extra->text).empty()) {
    BERTH_ASSIGN(entry.extra, ReadJson(extra->text));
  }
  return entry;
}

Result<Entry> FromText(const std::string& text) {
  if (!text.starts_with('{')) return FromUri(text);
  BERTH_ASSIGN(const auto tree, ReadJson(text));
  return FromMap(tree);
}

// The extra's settings; what has no counterpart here is listed.
void TakeExtra(const Entry& entry, FoundConnection& connection, Import& out) {
  static constexpr std::array<std::string_view, 14> kOfIam = {"iam",
                                                              "cluster_identifier",
                                                              "cluster-identifier",
                                                              "region",
                                                              "profile",
                                                              "is_serverless",
                                                              "db_user",
                                                              "serverless_work_group",
                                                              "workgroup-name",
                                                              "workgroup_name",
                                                              "aws_conn_id",
                                                              "redshift",
                                                              "database",
                                                              "user"};
  const auto& extra = entry.extra;
  for (const auto& [name, value] : extra.members) {
    const bool scalar = value.kind == Tree::Kind::kScalar;
    if (scalar && SetProperty(name, value.text, connection)) continue;
    bool known = false;
    for (const auto of_iam : kOfIam) known = known || of_iam == name;
    if (!known) out.lost.push_back(fmt::format("{}: the extra {} has no counterpart", connection.origin, name));
  }
  if (connection.database.empty()) connection.database = extra.Text("database");
  if (!IsTrue(extra.Text("iam"))) return;
  IamLogin login{.cluster = extra.TextOf({"cluster_identifier", "cluster-identifier"}),
                 .workgroup = extra.TextOf({"serverless_work_group", "workgroup-name", "workgroup_name"}),
                 .database = connection.database,
                 .user = extra.Text("db_user"),
                 .region = extra.Text("region"),
                 .profile = extra.Text("profile")};
  if (login.user.empty()) login.user = connection.user;
  if (connection.user.empty()) connection.user = login.user;
  if (!SetIamPassword(std::move(login), connection))
    out.lost.push_back(fmt::format("{}: iam without a cluster: its password is for you to set", connection.origin));
}

void Take(const std::string& id, const Entry& entry, Import& out) {
  FoundConnection connection{.name = id, .origin = "Airflow connection " + id};
  const bool redshift = entry.type == "redshift" || IsTrue(entry.extra.Text("redshift"));
  if (!redshift && !IsPostgres(entry.type)) {
    out.lost.push_back(fmt::format("{}: its type is {}, neither redshift nor postgres", connection.origin,
                                   entry.type.empty() ? "not told" : entry.type));
    return;
  }
  connection.host = entry.host;
  connection.port = redshift ? kRedshiftPort : kPostgresPort;
  connection.database = entry.schema;
  connection.user = entry.login;
  connection.comment = entry.description;
  if (!SetPort(entry.port, connection)) {
    out.lost.push_back(fmt::format("{}: its port is no port", connection.origin));
    return;
  }
  if (!entry.password.empty())
    connection.password = {.kind = FoundPassword::Kind::kLiteral, .secret = Secret(entry.password), .reference = {}};
  TakeExtra(entry, connection, out);
  out.connections.push_back(std::move(connection));
}

Result<Import> FromTree(const Tree& tree) {
  if (tree.kind != Tree::Kind::kMap)
    return Error{.code = ErrorCode::kSyntax, .message = "this is no export of connections: it is no map of their ids"};
  Import out;
  for (const auto& [id, value] : tree.members) {
    auto entry = value.kind == Tree::Kind::kScalar ? FromText(value.text) : FromMap(value);
    if (entry.ok()) {
      Take(id, entry.value(), out);
    } else {
      out.lost.push_back(fmt::format("Airflow connection {}: {}", id, entry.error().message));
    }
  }
  return out;
}

Result<Import> FromLines(std::string_view text) {
  constexpr std::string_view kPrefix = "AIRFLOW_CONN_";
  Import out;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = base::Trim(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (line.empty() || line[0] == '#') continue;
    if (line.starts_with("export ")) line.remove_prefix(7);
    const auto equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return Error{.code = ErrorCode::kSyntax,
                   .message = fmt::format("line {} is not NAME=URI", number),
                   .hint = "airflow connections export FILE writes .json, .yaml and .env files."};
    }
    auto id = std::string(line.substr(0, equals));
    if (id.starts_with(kPrefix)) id = base::ToLower(id.substr(kPrefix.size()));
    auto value = base::Trim(line.substr(equals + 1));
    const bool quoted = value.size() >= 2 && (value[0] == '\'' || value[0] == '"') && value.back() == value[0];
    if (quoted) value = value.substr(1, value.size() - 2);
    auto entry = FromText(std::string(value));
    if (entry.ok()) {
      Take(id, entry.value(), out);
    } else {
      out.lost.push_back(fmt::format("Airflow connection {}: {}", id, entry.error().message));
    }
  }
  return out;
}

}  // namespace

Result<Import> FromAirflow(const std::string& text) {
  const auto trimmed = base::Trim(text);
  if (trimmed.starts_with('{')) {
    BERTH_ASSIGN(const auto tree, ReadJson(trimmed));
    return FromTree(tree);
  }
  auto first = trimmed;
  while (first.starts_with('#')) {
    const auto end = first.find('\n');
    first = end == std::string_view::npos ? std::string_view() : base::Trim(first.substr(end));
  }
  if (first.find('=') < first.find(':')) return FromLines(text);  // NAME=scheme://..; a YAML key ends with a colon
  BERTH_ASSIGN(const auto tree, ReadYaml(text));
  return FromTree(tree);
}

}  // namespace berth::imports
