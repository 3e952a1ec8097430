#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "statements/page_token.h"
#include "statements/service_impl.h"
#include "statements/statement_id.h"

namespace berth::statements {
namespace {

Error NotAvailable(std::string detail = {}) {
  return Error{
      .code = ErrorCode::kInvalidArgument, .message = "Session is not available.", .detail = std::move(detail)};
}

}  // namespace

// The session that a request names; null: it names none. `connection` becomes the session's.
Result<ServiceImpl::SessionPtr> ServiceImpl::SessionFor(const SubmitRequest& request, std::string& connection) {
  if (!request.session_id) return SessionPtr();
  {
    const base::MutexLock lock(mutex_);
    const auto found = sessions_.find(*request.session_id);
    if (found != sessions_.end() && found->second->facts.caller == request.caller) {
      connection = found->second->facts.connection;
      return found->second;
    }
  }
  const base::MutexLock lock(read_mutex_);
  BERTH_ASSIGN(const auto known, reader_->FindSession(*request.session_id));
  if (known && known->caller == request.caller) return NotAvailable();
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("Session with Id: {} is invalid", *request.session_id)};
}

std::string ServiceImpl::ConnectionOfSession(std::string_view caller, std::string_view session_id) {
  const base::MutexLock lock(mutex_);
  const auto found = sessions_.find(session_id);
  const bool his = found != sessions_.end() && found->second->facts.caller == caller;
  return his ? found->second->facts.connection : std::string();
}

Result<ServiceImpl::SessionPtr> ServiceImpl::OpenSession(const SubmitRequest& request, const ConnectionFacts& on) {
  const std::string& connection = on.name;
  const auto cap = on.sessions_max;
  const auto most = std::max<std::size_t>(1, cap / 2);
  const auto kept = static_cast<std::size_t>(std::count_if(
      sessions_.begin(), sessions_.end(), [&](const auto& one) { return one.second->facts.connection == connection; }));
  if (kept >= most || sessions_.size() >= limits_.sessions_max) {
    return Error{.code = ErrorCode::kTooManySessions,
                 .message = kept >= most
                                ? fmt::format("{} sessions are kept on connection {}, which is half of its cap of {}.",
                                              kept, connection, cap)
                                : fmt::format("{} sessions are kept, which is the limit of this service "
                                              "(--sessions-max).",
                                              sessions_.size()),
                 .hint = "Wait for one to end, or use one that is there."};
  }
  auto session = std::make_shared<LiveSession>();
  auto& facts = session->facts;
  facts.id = NewUuid(clock_.WallNow());
  facts.caller = request.caller;
  facts.connection = connection;
  facts.target = request.target;
  facts.keep_alive_s = *request.session_keep_alive_s;
  facts.created_at = facts.updated_at = clock_.WallNow();
  facts.ends_at = facts.created_at + std::chrono::seconds(facts.keep_alive_s);
  session->ends_at = clock_.Now() + limits_.session_max;
  sessions_.emplace(facts.id, session);
  return session;
}

// Its next statement, once it has none: they run one at a time, in the order in which they were accepted.
void ServiceImpl::Pump(const SessionPtr& session) {
  if (session->busy || session->closed || session->pending.empty()) return;
  const LivePtr live = session->pending.front();
  session->pending.pop_front();
  session->busy = true;
  session->facts.statement_id = live->record.facts.id;
  live->opens = !session->open;
  auto unit = UnitOf(live);
  unit.needs_slot = live->opens;
  turns_.Add(std::move(unit));
}

// A session that is another one by now has lost what its caller had left in it.
Status ServiceImpl::SessionReady(const LivePtr& live, const SessionFacts& facts, bool was_held) {
  const base::MutexLock lock(mutex_);
  auto& session = *live->session;
  if (session.pid != 0 && was_held && session.pid != facts.backend_pid) {
    return NotAvailable("Its link to the server was lost or replaced, and its temporary tables and settings with it.");
  }
  session.pid = facts.backend_pid;
  session.open = true;
  return {};
}

bool ServiceImpl::SessionEnded(const LivePtr& live, bool lost) {
  std::vector<LivePtr> orphans;
  std::vector<std::unique_ptr<Conversation>> conversations;
  bool keeps = false;
  {
    const base::MutexLock lock(mutex_);
    const auto& session = live->session;
    session->busy = false;
    session->facts.statement_id.reset();
    session->facts.updated_at = clock_.WallNow();
    const std::chrono::seconds alive(session->facts.keep_alive_s);
    session->idle_until = clock_.Now() + alive;
    session->facts.ends_at = session->facts.updated_at + alive;
    const bool over = lost || !session->open || (alive.count() == 0 && session->pending.empty());
    if (over) {
      if (live->opens) session->open = false;  // its slot is given back with the statement's turn
      CloseSession(session, orphans, conversations);
    } else {
      keeps = true;
      Pump(session);
    }
  }
  conversations.clear();
  EndOrphans(orphans);
  return keeps;
}

// What it held is destroyed by the caller, without the mutex; then he ends the orphans.
void ServiceImpl::CloseSession(const SessionPtr& session, std::vector<LivePtr>& orphans,
                               std::vector<std::unique_ptr<Conversation>>& conversations) {
  if (session->closed) return;
  session->closed = true;
  session->facts.status = SessionStatus::kClosed;
  session->facts.updated_at = clock_.WallNow();
  if (session->conversation) conversations.push_back(std::move(session->conversation));
  orphans.insert(orphans.end(), session->pending.begin(), session->pending.end());
  session->pending.clear();
  if (session->open) turns_.GiveSlot(session->facts.connection);
  session->open = false;
  StoreSession(session);
  sessions_.erase(session->facts.id);
}

void ServiceImpl::EndOrphans(const std::vector<LivePtr>& orphans) {
  for (const auto& live : orphans) PostEnd(live, Failed(live, NotAvailable()));
}

void ServiceImpl::StoreSession(const SessionPtr& session) {
  writer_->Post([facts = session->facts, owner = owner_.id()](Store& store) { return store.PutSession(facts, owner); },
                nullptr);
}

Result<SessionPage> ServiceImpl::ListSessions(const SessionListRequest& request) {
  constexpr std::string_view kToken = "sessions";
  std::int64_t before = INT64_MAX;
  if (!request.next_token.empty()) {
    BERTH_ASSIGN(before, ReadNumberToken(request.next_token, kToken));
  }
  const auto limit = request.max_results == 0 ? kListPageMax : std::min(request.max_results, kListPageMax);
  std::vector<std::pair<std::int64_t, KeptSession>> rows;
  {
    const base::MutexLock lock(read_mutex_);
    BERTH_ASSIGN(rows, reader_->ListSessions(request, before, limit + 1));
  }
  if (rows.empty() && request.session_id) {
    return Error{.code = ErrorCode::kNotFound,
                 .message = fmt::format("Session with Id: {} does not exist.", *request.session_id)};
  }
  SessionPage page;
  if (rows.size() > limit) {
    rows.resize(limit);
    page.next_token = WriteToken({.of = std::string(kToken), .after = {std::to_string(rows.back().first)}});
  }
  const base::MutexLock lock(mutex_);
  for (auto& [number, session] : rows) {
    if (const auto own = sessions_.find(session.id); own != sessions_.end()) {
      session = own->second->facts;
      session.status = own->second->busy ? SessionStatus::kBusy : SessionStatus::kAvailable;
    }
    if (!request.status || session.status == *request.status) page.sessions.push_back(std::move(session));
  }
  return page;
}

}  // namespace berth::statements
