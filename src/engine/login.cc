#include "engine/login.h"

#include <fmt/core.h>

#include <utility>

#include "base/try.h"
#include "bind/connection_options.h"
#include "bind/connection_url.h"
#include "engine/last_use.h"
#include "engine/passwords.h"

namespace berth::engine {

Result<session::ConnectParams> TargetParams(const Shared& shared, const catalog::Connection& connection) {
  BERTH_ASSIGN(const auto url, bind::ParseConnectionUrl(connection.connection_string));
  const auto& settings = url.settings;
  session::ConnectParams params;
  params.host = connection.host;
  params.port = connection.port;
  params.database = connection.database;
  params.user = connection.user_name;
  params.sslmode = settings.sslmode;
  params.sslrootcert = settings.sslrootcert;
  params.sslcert = settings.sslcert;
  params.sslkey = settings.sslkey;
  params.application_name = settings.application_name.empty()
                                ? fmt::format("berth/{}/{}", connection.name, shared.options.program)
                                : settings.application_name;
  params.search_path = settings.search_path;
  params.query_group = settings.query_group;
  params.tcp_keepalive = settings.tcp_keepalive;
  if (settings.connect_timeout) params.connect_timeout = *settings.connect_timeout;
  if (settings.socket_timeout) params.socket_timeout = *settings.socket_timeout;
  return params;
}

Result<session::ConnectParams> LoginParams(const Shared& shared, std::int64_t connection_id, Deadline deadline) {
  BERTH_ASSIGN(auto transaction, shared.store.Begin(catalog::Access::kRead, CatalogDeadline(shared, deadline)));
  BERTH_ASSIGN(const auto found, transaction->FindConnectionById(connection_id));
  if (!found) {
    return Error{.code = ErrorCode::kNotFound,
                 .message = "the connection was dropped",
                 .hint = "SHOW CONNECTIONS lists those that there are."};
  }
  BERTH_ASSIGN(auto params, TargetParams(shared, *found));
  BERTH_ASSIGN(auto credential, shared.passwords.Resolve(*transaction, *found, deadline));
  if (!credential.user.empty()) params.user = std::move(credential.user);
  params.password = std::move(credential.password);
  NoteUse(shared, connection_id, std::move(transaction));
  return params;
}

pool::PoolOptions PoolOptionsOf(const Shared& shared, const catalog::Connection& connection) {
  pool::PoolOptions options;
  options.connection_id = connection.id;
  options.connection_name = connection.name;
  options.version = connection.version;
  options.login_version = connection.login_version;
  options.sessions_max =
      static_cast<std::size_t>(connection.max_concurrent_connections.value_or(bind::kSessionsDefault));
  options.params = [&shared, id = connection.id](Deadline deadline) { return LoginParams(shared, id, deadline); };
  return options;
}

}  // namespace berth::engine
