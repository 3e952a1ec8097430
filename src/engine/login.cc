#include "engine/login.h"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "bind/connection_url.h"
#include "engine/catalog_news.h"
#include "engine/last_use.h"
#include "engine/passwords.h"
#include "engine/same_login.h"

namespace berth::engine {
namespace {

constexpr std::chrono::milliseconds kPromoteWaitMax{5'000};                   // for the catalog's write lock
constexpr std::chrono::milliseconds kNever = std::chrono::hours(24 * 3'650);  // what a time that is off stands for

const std::string& HostName() {
  static const std::string kName = [] {
    std::array<char, 256> host{};
    ::gethostname(host.data(), host.size() - 1);
    return std::string(host.data());
  }();
  return kName;
}

std::chrono::milliseconds TimeOr(const std::optional<TuningTime>& given, std::chrono::milliseconds otherwise) {
  if (!given) return otherwise;
  return given->count() == 0 ? kNever : *given;
}

std::size_t CountOr(const std::optional<TuningCount>& given, std::size_t otherwise) {
  return given ? static_cast<std::size_t>(*given) : otherwise;
}

std::optional<pool::GroupShare> ShareOf(const catalog::Connection& connection) {
  if (!connection.group) return std::nullopt;
  const auto& group = *connection.group;
  return pool::GroupShare{.group_id = group.id,
                          .name = group.name,
                          .version = group.version,
                          .cap = static_cast<std::size_t>(group.max_concurrent_connections),
                          .reserved = CountOr(connection.tuning.reserved, 0),
                          .reserved_before = static_cast<std::size_t>(group.reserved_before),
                          .reserved_total = static_cast<std::size_t>(group.reserved_total)};
}

std::optional<pool::Pause> PauseOf(const Shared& shared, const catalog::Connection& connection) {
  if (!connection.pause || connection.pause->Over(shared.clock.WallNow())) return std::nullopt;
  const auto& pause = *connection.pause;
  return pool::Pause{.mode = pause.refuse ? pool::Pause::Mode::kRefuse : pool::Pause::Mode::kWait,
                     .by = pause.by,
                     .why = pause.comment,
                     .until = pause.until,
                     .since = pause.at};
}

Status PromoteNow(const Shared& shared, std::int64_t connection_id, std::int64_t next_version, Deadline deadline) {
  BERTH_ASSIGN(const auto transaction, shared.store.Begin(catalog::Access::kWrite, deadline));
  transaction->Describe("PASSWORD_NEXT was accepted at a login", {});
  BERTH_ASSIGN(const bool promoted, transaction->PromoteNextPassword(connection_id, next_version));
  return promoted ? transaction->Commit() : Status();
}

// The session is there whether or not the catalog can be written now; the next login tries again.
void Promote(const Shared& shared, std::int64_t connection_id, std::int64_t next_version) {
  const auto status = PromoteNow(shared, connection_id, next_version, Deadline::After(shared.clock, kPromoteWaitMax));
  if (status.ok()) {
    shared.news.Tell();
    return;
  }
  shared.passwords.NoteNextAccepted(connection_id, next_version);
  log::Warn("a second password was accepted and could not be made the first: {}", status.error().message);
}

}  // namespace

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
                                ? fmt::format("berth/{}@{}/{}", shared.options.program, HostName(), connection.name)
                                : settings.application_name;
  params.search_path = settings.search_path;
  params.query_group = settings.query_group;
  params.tcp_keepalive = settings.tcp_keepalive;
  if (settings.connect_timeout) params.connect_timeout = *settings.connect_timeout;
  if (connection.tuning.connect_timeout) params.connect_timeout = *connection.tuning.connect_timeout;
  if (settings.socket_timeout) params.socket_timeout = *settings.socket_timeout;
  if (shared.options.eager_looks) params.eager_looks = *shared.options.eager_looks;
  return params;
}

// It is asked before each statement of a service, mostly of the string that it was asked of before.
Result<std::string> ServedApplicationName(const catalog::Connection& connection, std::string_view user) {
  struct Read {
    std::string connection_string, name;
  };
  thread_local Read last;
  if (last.connection_string != connection.connection_string) {
    BERTH_ASSIGN(auto url, bind::ParseConnectionUrl(connection.connection_string));
    last = {.connection_string = connection.connection_string, .name = std::move(url.settings.application_name)};
  }
  const auto& own = last.name;
  return own.empty() ? fmt::format("berth/{}@{}/{}", user, HostName(), connection.name)
                     : fmt::format("{}/{}", own, user);
}

Status SettleNext(const Shared& shared, std::int64_t connection_id, Deadline deadline) {
  const auto version = shared.passwords.NextAccepted(connection_id);
  if (version == 0) return {};
  return PromoteNow(shared, connection_id, version, CatalogDeadline(shared, deadline));
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
  if (found->next) {
    // One that cannot be had now must not keep the first from being tried.
    if (auto next = shared.passwords.ResolveNext(*transaction, *found, deadline); next.ok())
      params.next_password = std::move(next).value();
    params.next_accepted = [&shared, connection_id, version = found->next->version] {
      Promote(shared, connection_id, version);
    };
  }
  NoteUse(shared, connection_id, std::move(transaction));
  return params;
}

namespace {

// The ids of all connections with the server and the user of this one. Empty where the catalog does not answer at once.
std::vector<std::int64_t> SameUserIds(const Shared& shared, std::int64_t connection_id) {
  constexpr std::chrono::milliseconds kWait{100};  // an error waits for it
  const auto transaction = shared.store.Begin(catalog::Access::kRead, Deadline::After(shared.clock, kWait));
  if (!transaction.ok()) return {};
  const auto all = transaction.value()->ListConnections();
  const auto own = transaction.value()->FindConnectionById(connection_id);
  if (!all.ok() || !own.ok() || !own.value()) return {};
  std::vector<std::int64_t> ids;
  for (const auto& same : SameUser(all.value(), *own.value())) ids.push_back(same.id);
  return ids;
}

}  // namespace

pool::PoolOptions PoolOptionsOf(const Shared& shared, const catalog::Connection& connection) {
  pool::PoolOptions options;
  options.connection_id = connection.id;
  options.connection_name = connection.name;
  options.version = connection.version;
  options.login_version = connection.login_version;
  options.sessions_max =
      static_cast<std::size_t>(connection.max_concurrent_connections.value_or(bind::kSessionsDefault));
  const auto& tuning = connection.tuning;
  options.acquire_timeout = TimeOr(tuning.acquire_timeout, options.acquire_timeout);
  options.idle_max = TimeOr(tuning.idle_timeout, options.idle_max);
  options.lifetime_max = TimeOr(tuning.max_lifetime, options.lifetime_max);
  options.leak_after = tuning.leak_warning_after.value_or(options.leak_after);
  options.keepalive_interval = tuning.keepalive_interval.value_or(options.keepalive_interval);
  options.min_idle = CountOr(tuning.min_idle, options.min_idle);
  options.waiters_max = CountOr(tuning.max_waiters, options.waiters_max);
  options.group = ShareOf(connection);
  options.pause = PauseOf(shared, connection);
  options.params = [&shared, id = connection.id](Deadline deadline) { return LoginParams(shared, id, deadline); };
  options.same_user = [&shared, id = connection.id] { return SameUserIds(shared, id); };
  return options;
}

}  // namespace berth::engine
