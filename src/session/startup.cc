#include "session/startup.h"

#include <fmt/core.h>

#include <string_view>
#include <vector>

#include "base/strings.h"

namespace berth::session {
namespace {

constexpr int kRolesSince = 80'100;           // pg_roles
constexpr int kListeningSince = 90'000;       // pg_listening_channels as a function: PostgreSQL 9.0
constexpr int kCheckIntervalSince = 140'000;  // client_connection_check_interval: PostgreSQL 14

// A list as the server reads it in search_path (bare names fold, quoted ones stay), each name quoted: good in every
// dialect, because a backslash means nothing between double quotes.
std::string QuotedNames(std::string_view list) {
  std::string out;
  std::string name;
  bool quoted = false;
  bool was_quoted = false;
  const auto flush = [&] {
    if (!was_quoted) name = base::ToLower(base::Trim(name));
    if (!name.empty()) {
      if (!out.empty()) out += ", ";
      out += '"';
      for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
      out += '"';
    }
    name.clear();
    was_quoted = false;
  };
  for (std::size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (c == '"' && quoted && i + 1 < list.size() && list[i + 1] == '"') {
      name += list[++i];
    } else if (c == '"') {
      if (!quoted) name.clear();
      quoted = !quoted;
      was_quoted = true;
    } else if (c == ',' && !quoted) {
      flush();
    } else if (quoted || !was_quoted) {
      name += c;
    }
  }
  flush();
  return out;
}

// A backslash escapes in Redshift's strings.
std::string RedshiftLiteral(std::string_view text) {
  std::string doubled;
  for (const char c : text) doubled.append(c == '\\' ? 2 : 1, c);
  return base::QuoteLiteral(doubled);
}

}  // namespace

std::string_view UserLimitText(const ServerInfo& server) {
  if (server.redshift || server.version < kRolesSince) return {};
  return "; SELECT rolconnlimit FROM pg_catalog.pg_roles WHERE rolname = current_user";
}

std::string_view LeftoversText(const ServerInfo& server) {
  if (server.redshift || server.version < kListeningSince) return {};
  return "SELECT (SELECT count(*) FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema())"
         " + (SELECT count(*) FROM pg_catalog.pg_proc WHERE pronamespace = pg_catalog.pg_my_temp_schema())"
         " + (SELECT count(*) FROM pg_catalog.pg_prepared_statements)"
         " + (SELECT count(*) FROM pg_catalog.pg_cursors)"
         " + (SELECT count(*) FROM pg_catalog.pg_listening_channels())"
         " + (SELECT count(*) FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND pid = "
         "pg_catalog.pg_backend_pid())";
}

std::string NameText(std::string_view application_name, const ServerInfo& server) {
  return fmt::format("; SET application_name TO {}",
                     server.redshift ? RedshiftLiteral(application_name) : base::QuoteLiteral(application_name));
}

std::string StartupText(const ConnectParams& params, const ServerInfo& server) {
  std::string text = "SET extra_float_digits TO 2";
  if (!params.search_path.empty()) text += fmt::format("; SET search_path TO {}", QuotedNames(params.search_path));
  if (server.redshift && !params.query_group.empty()) {
    text += fmt::format("; SET query_group TO {}", RedshiftLiteral(params.query_group));
  }
  // A backend whose client has died stops within seconds and not at the end of its query.
  if (!server.redshift && server.version >= kCheckIntervalSince)
    text += "; SET client_connection_check_interval TO 5000";
  return text;
}

}  // namespace berth::session
