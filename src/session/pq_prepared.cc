// How a LibpqSession keeps texts with parameters prepared at the server. By the protocol's own Parse with a name, which
// Redshift knows too; given back by DEALLOCATE of each name, because there is no DEALLOCATE ALL on Redshift.
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "session/pq_errors.h"
#include "session/pq_session.h"

namespace berth::session {
namespace {

constexpr std::string_view kNoSuchStatement = "26000";
constexpr std::string_view kNotSupported = "0A000";  // "cached plan must not change result type"

std::string DeallocateText(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += text.empty() ? "DEALLOCATE " : "; DEALLOCATE ";
    text += base::QuoteIdentifier(name);
  }
  return text;
}

}  // namespace

// A settled session forgets nothing by itself: what a text sets may change what a prepared one means, and Redshift's
// plans do not notice.
Result<StatementCache::Use> LibpqSession::CachedUse(std::string_view sql, Stain stain, Deadline deadline) {
  if (stain != Stain::kNone) {
    cache_.RetireAll();
    return StatementCache::Use();
  }
  const bool idle = state() == SessionState::kIdle;
  StatementCache::Use use = cache_.Find(sql, idle);
  if (use.prepare && idle) BERTH_TRY(DeallocateRetired(deadline));
  return use;
}

// All in one round trip; one by one only where the server does not have one of them any more.
Status LibpqSession::DeallocateRetired(Deadline deadline) {
  const std::vector<std::string> names = cache_.TakeRetired();
  if (names.empty()) return {};
  auto freed = Ask(DeallocateText(names), deadline);
  if (freed.ok()) return {};
  if (freed.error().Sqlstate() != kNoSuchStatement) return std::move(freed).TakeError();
  for (const std::string& name : names) {
    auto one = Ask(DeallocateText({name}), deadline);
    if (!one.ok() && one.error().Sqlstate() != kNoSuchStatement) return std::move(one).TakeError();
  }
  return {};
}

// A step of the statement that runs: its errors are the statement's.
Status LibpqSession::Prepare(const std::string& name) {
  PGconn* conn = link_.conn.get();
  if (PQsendPrepare(conn, name.c_str(), run_.sql.c_str(), 0, nullptr) == 0) return Lost(PQerrorMessage(conn));
  BERTH_TRY(Flush());
  for (;;) {
    BERTH_ASSIGN(PqResult result, Arrived());
    if (result == nullptr) return {};
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) return Fail(std::move(result));
  }
}

// The server does not have it any more, or has it with another result than now. Nothing of it has been run then.
bool LibpqSession::DropInvalid(std::string_view sql, const Error& error) {
  const bool gone = error.Sqlstate() == kNoSuchStatement;
  if (error.code != ErrorCode::kServer || (!gone && error.Sqlstate() != kNotSupported)) return false;
  cache_.Drop(sql, gone);
  return true;
}

}  // namespace berth::session
