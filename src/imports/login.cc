#include "imports/login.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/strings.h"

namespace berth::imports {
namespace {

// As a word of a password command: its words are split at blanks and quotes.
std::string Word(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("-_.:/@").find(c) != std::string_view::npos;
  });
  return plain && !text.empty() ? text : "\"" + text + "\"";
}

std::string Argument(const char* name, const std::string& value) {
  return value.empty() ? std::string() : std::string(" ") + name + " " + Word(value);
}

// examplecluster.abc123.us-west-2.redshift.amazonaws.com, wg.account.us-west-2.redshift-serverless.amazonaws.com
void ReadHost(const std::string& host, IamLogin& login) {
  static constexpr std::string_view kCluster = ".redshift.amazonaws.com";
  static constexpr std::string_view kServerless = ".redshift-serverless.amazonaws.com";
  const bool serverless = host.ends_with(kServerless);
  if (!serverless && !host.ends_with(kCluster)) return;
  const auto name = host.substr(0, host.find('.'));
  const auto front = host.substr(0, host.size() - (serverless ? kServerless : kCluster).size());
  if (login.region.empty()) login.region = front.substr(front.rfind('.') + 1);
  if (login.cluster.empty() && login.workgroup.empty()) (serverless ? login.workgroup : login.cluster) = name;
}

}  // namespace

bool IsTrue(std::string_view text) {
  return base::EqualsIgnoreCase(text, "true") || text == "1" || base::EqualsIgnoreCase(text, "yes");
}

bool SetIamPassword(IamLogin login, FoundConnection& connection) {
  ReadHost(connection.host, login);
  if (login.cluster.empty() && login.workgroup.empty()) return false;
  std::string command = "/usr/bin/aws ";
  if (login.workgroup.empty()) {
    command += "redshift get-cluster-credentials" + Argument("--cluster-identifier", login.cluster) +
               Argument("--db-user", login.user) + Argument("--db-name", login.database);
    connection.cluster_identifier = login.cluster;
  } else {
    command += "redshift-serverless get-credentials" + Argument("--workgroup-name", login.workgroup) +
               Argument("--db-name", login.database);
    connection.workgroup = login.workgroup;
  }
  command += Argument("--region", login.region) + Argument("--profile", login.profile) + " --output json";
  connection.password = {.kind = FoundPassword::Kind::kCommand, .reference = std::move(command)};
  return true;
}

bool SetPort(std::string_view text, FoundConnection& connection) {
  if (text.empty()) return true;
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (failure != std::errc() || end != text.data() + text.size() || port == 0) return false;
  connection.port = port;
  return true;
}

bool SetProperty(const std::string& name, const std::string& value, FoundConnection& connection) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kNames{
      {{"sslmode", "sslmode"},
       {"sslrootcert", "sslrootcert"},
       {"sslcert", "sslcert"},
       {"sslkey", "sslkey"},
       {"ssl", "ssl"},
       {"connect_timeout", "connectTimeout"},
       {"query_group", "queryGroup"},
       {"search_path", "currentSchema"},
       {"application_name", "ApplicationName"},
       {"keepalives", "tcpKeepAlive"}}};
  for (const auto& [theirs, ours] : kNames) {
    if (theirs != name) continue;
    const bool flag = name == "ssl" || name == "keepalives";
    connection.properties[std::string(ours)] = flag ? (IsTrue(value) ? "true" : "false") : value;
    return true;
  }
  return false;
}

}  // namespace berth::imports
