#include "engine/server_sessions.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "engine/ask_server.h"
#include "engine/listing.h"
#include "engine/sql_texts.h"

namespace berth::engine {
namespace {

struct OwnSession {
  std::string connection;
  pool::SlotFacts slot;
};
using OwnSessions = std::map<std::string, OwnSession>;  // by the server's process id

OwnSessions OwnSessionsOf(const std::vector<catalog::Connection>& connections, pool::SlotLedger& ledger) {
  OwnSessions own;
  for (const auto& connection : connections) {
    for (auto& slot : ledger.Slots(connection.id)) {
      if (slot.backend_pid == 0) continue;
      const auto pid = std::to_string(slot.backend_pid);
      own[pid] = {.connection = connection.name, .slot = std::move(slot)};
    }
  }
  return own;
}

std::optional<std::string> Text(const Field& field) {
  if (!field || field->empty()) return std::nullopt;
  return std::string(*field);
}

// The user's own limit at the server; nullopt: it has none, or the server does not tell this user.
std::optional<std::int64_t> UserLimit(session::Session& session, Deadline deadline) {
  const auto* const file = session.server().redshift ? "user_limit_redshift.sql" : "user_limit_postgresql.sql";
  return AskNumber(session, SqlText(file), deadline);
}

// What Berth lets that user have at most: the caps of its connections, those of a group together at most the group's.
std::int64_t CapOf(const std::vector<catalog::Connection>& connections) {
  std::int64_t sum = 0;
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> groups;  // what its connections may have, its own cap
  for (const auto& connection : connections) {
    const auto cap = connection.max_concurrent_connections.value_or(bind::kSessionsDefault);
    if (connection.group) {
      auto& [members, own] = groups[connection.group->id];
      members += cap;
      own = connection.group->max_concurrent_connections;
    } else {
      sum += cap;
    }
  }
  for (const auto& [id, caps] : groups) sum += std::min(caps.first, caps.second);
  return sum;
}

}  // namespace

std::vector<Listing::ListedColumn> ServerSessionColumns() {
  constexpr auto kNumber = ValueKind::kInteger;
  return {{"backend_pid", kNumber}, {"owner"},   {"connection"}, {"slot", kNumber}, {"pid", kNumber}, {"program"},
          {"application_name"},     {"address"}, {"database"},   {"since"},         {"state"}};
}

Result<ServerSessions> ListServerSessions(const catalog::Connection& connection,
                                          const std::vector<catalog::Connection>& same_user, session::Session& session,
                                          const Shared& shared, Deadline deadline) {
  ServerSessions out;
  auto& listing = out.listing;
  listing.columns = ServerSessionColumns();
  auto own = OwnSessionsOf(same_user, shared.ledger);
  const bool redshift = session.server().redshift;
  BERTH_ASSIGN(const auto rows,
               session.Execute(SqlText(redshift ? "sessions_redshift.sql" : "sessions_postgresql.sql"), {}, deadline));
  const auto itself = std::to_string(session.server().backend_pid);
  while (true) {
    BERTH_ASSIGN(const auto row, rows->Next());
    if (!row) break;
    if (listing.rows.size() == kServerSessionsMax || row->size() < 6) continue;
    const auto& fields = *row;
    const auto pid = std::string(fields[0].value_or(""));
    const auto found = own.find(pid);
    const bool ours = found != own.end() || pid == itself;
    if (!ours) ++out.strangers;
    std::vector<std::optional<std::string>> line = {pid, ours ? "berth" : "other"};
    if (found != own.end()) {
      const auto& [name, slot] = found->second;
      line.insert(line.end(), {name, std::to_string(slot.slot), std::to_string(slot.pid), slot.program});
    } else {
      line.insert(line.end(), {ours ? std::optional(connection.name) : std::nullopt, std::nullopt, std::nullopt,
                               ours ? std::optional(shared.options.program) : std::nullopt});
    }
    for (std::size_t i = 1; i < 6; ++i) line.push_back(Text(fields[i]));
    listing.rows.push_back(std::move(line));
  }
  return out;
}

Result<Outcome> ShowServerSessions(const catalog::Connection& connection,
                                   const std::vector<catalog::Connection>& same_user, session::Session& session,
                                   const Shared& shared, const NoticeSink& notices, Deadline deadline) {
  BERTH_ASSIGN(auto sessions, ListServerSessions(connection, same_user, session, shared, deadline));
  const auto limit = UserLimit(session, deadline);
  const auto cap = CapOf(same_user);
  const auto user = base::QuoteIdentifier(connection.user_name);
  Tell(notices, "NOTICE",
       fmt::format("user {} has {}; {} of its sessions are not Berth's, which lets it have at most {}", user,
                   limit ? fmt::format("CONNECTION LIMIT {}", *limit) : "no CONNECTION LIMIT that is known",
                   sessions.strangers, cap),
       {},
       limit && *limit <= cap
           ? ""
           : fmt::format("ALTER USER {} CONNECTION LIMIT {}; makes that binding for all programs.", user, cap));
  if (limit && *limit < cap) {
    Tell(notices, "WARNING",
         fmt::format("Berth may open {} sessions of user {}, the server allows {}: logins above that are refused, so "
                     "those who wait for them wait until their deadline",
                     cap, user, *limit),
         {},
         fmt::format("ALTER USER {} CONNECTION LIMIT {}; or lower MAX_CONCURRENT_CONNECTIONS to {}.", user, cap,
                     *limit));
  }
  return RowsOf(std::move(sessions.listing));
}

}  // namespace berth::engine
