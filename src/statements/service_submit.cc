#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "statements/named_parameters.h"
#include "statements/service_impl.h"
#include "statements/statement_id.h"

namespace berth::statements {
namespace {

// What a caller's token stands for is the same request, or the token is used with another.
bool SameRequest(const StatementFacts& facts, const SubmitRequest& request) {
  const bool same_target = facts.target == request.target || (request.session_id && request.target == Target{});
  return same_target && facts.sqls == request.sqls && facts.parameters == request.parameters &&
         facts.is_batch == request.is_batch && facts.execution_mode == request.execution_mode &&
         facts.result_format == request.result_format && facts.statement_name == request.statement_name &&
         facts.with_event == request.with_event && (!request.session_id || facts.session_id == request.session_id);
}

Record RecordOf(const SubmitRequest& request, const std::string& owner, Clock::Wall now) {
  Record record;
  record.owner = owner;
  record.client_token = request.client_token;
  record.limits = request.caller_limits;
  auto& facts = record.facts;
  facts.id = NewUuid(now);
  facts.caller = request.caller;
  facts.connection = request.connection;
  facts.target = request.target;
  facts.sqls = request.sqls;
  facts.parameters = request.parameters;
  facts.is_batch = request.is_batch;
  facts.with_event = request.with_event;
  facts.execution_mode = request.execution_mode;
  facts.result_format = request.result_format;
  facts.statement_name = request.statement_name;
  facts.progress.created_at = facts.progress.updated_at = now;
  if (!facts.is_batch) return record;
  for (const auto& sql : facts.sqls) {
    auto& sub = facts.sub_statements.emplace_back();
    sub.id = SubStatementId(facts.id, facts.sub_statements.size());
    sub.sql = sql;
    sub.progress.created_at = sub.progress.updated_at = now;
  }
  return record;
}

}  // namespace

void ServiceImpl::Submit(SubmitRequest request, Done<StatementFacts> done) {
  auto result = Accept(request);
  if (!result.ok()) {
    // A request that was accepted before is not new: no limit refuses it.
    auto before = IdOfToken(request);
    if (before.ok() && before.value()) return done(Repeated(request, *before.value()));
    return done(std::move(result).TakeError());
  }
  auto accepted = std::make_shared<Accepted>(std::move(result).value());
  auto shared = std::make_shared<SubmitRequest>(std::move(request));
  auto existing = std::make_shared<std::optional<std::string>>();
  const auto record = [&] {
    const base::MutexLock lock(mutex_);
    return std::make_shared<const Record>(accepted->live->record);
  }();
  writer_->PostNow(
      [this, record, existing](Store& store) -> Status {
        existing->reset();
        if (!record->client_token.empty()) {
          const auto since = record->facts.progress.created_at - limits_.client_token_retention;
          BERTH_ASSIGN(*existing, store.FindToken(record->facts.caller, record->client_token, since));
          if (*existing) return {};
        }
        return store.Insert(*record);
      },
      [this, accepted, shared, existing, done = std::move(done)](Status status) {
        Written(*accepted, *shared, std::move(status), *existing, done);
      });
}

Result<ServiceImpl::Accepted> ServiceImpl::Accept(const SubmitRequest& request) {
  if (request.sqls.empty() || request.sqls.size() > kSqlsMax || (request.sqls.size() > 1 && !request.is_batch)) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("a batch has 1 to {} statements, not {}", kSqlsMax, request.sqls.size())};
  }
  BERTH_TRY(CheckParameters(request.sqls, request.parameters, false));
  auto record = RecordOf(request, owner_.id(), clock_.WallNow());
  std::string& connection = record.facts.connection;
  BERTH_ASSIGN(auto session, SessionFor(request, connection));
  BERTH_ASSIGN(const auto facts, ConnectionOf(connection));
  if (connection == kCatalogTarget && request.session_keep_alive_s.value_or(0) > 0) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "Database system is Berth's catalog: it has no sessions to keep."};
  }

  const base::MutexLock lock(mutex_);
  BERTH_TRY(CheckLimits(request, connection));
  turns_.SetRoom(connection, facts.sessions_max > 1 ? facts.sessions_max - 1 : 1);
  if (session && session->closed) {
    return Error{.code = ErrorCode::kInvalidArgument, .message = "Session is not available."};
  }
  if (!session && request.session_keep_alive_s.value_or(0) > 0) {
    BERTH_ASSIGN(session, OpenSession(request, facts));
  } else if (session && request.session_keep_alive_s) {
    session->facts.keep_alive_s = *request.session_keep_alive_s;
  }
  Accepted accepted;
  accepted.live = std::make_shared<Live>();
  auto& live = *accepted.live;
  live.session = session;
  if (session) record.facts.session_id = session->facts.id;
  if (request.session_id && request.target == Target{}) record.facts.target = session->facts.target;
  live.record = std::move(record);
  if (!session) {
    auto unit = UnitOf(accepted.live);
    if (!draining_ && turns_.MayRun(unit)) {
      turns_.Started(unit);
      live.record.facts.progress.state = live.stored = StatementState::kPicked;
      accepted.now = std::move(unit);
    }
  }
  CountLive(live.record.facts, 1);
  live_.emplace(live.record.facts.id, accepted.live);
  return accepted;
}

Status ServiceImpl::CheckLimits(const SubmitRequest& request, const std::string& connection) {
  if (draining_) {
    return Error{.code = ErrorCode::kThrottled,
                 .message = "The service is being stopped and takes no new statements.",
                 .hint = "Send it again: another process takes over, or this one is started again."};
  }
  if (live_.size() >= limits_.active_max) {
    return Error{.code = ErrorCode::kResourceExhausted,
                 .message = fmt::format("{} statements are active, which is the limit of this service (--active-max).",
                                        limits_.active_max),
                 .hint = "Wait for some to end, or cancel them."};
  }
  const auto own = live_by_caller_.find(request.caller);
  const auto active = own == live_by_caller_.end() ? 0 : own->second;
  if (active >= limits_.active_per_caller_max) {
    return Error{
        .code = ErrorCode::kThrottled,
        .message = fmt::format(
            "{} statements of yours are active, which is the limit of a user (--active-per-user-max).", active),
        .hint = "Wait for some to end, or cancel them."};
  }
  const auto here = live_by_grant_.find({request.caller, connection});
  const auto active_here = here == live_by_grant_.end() ? 0 : here->second;
  if (active_here < request.caller_limits.max_active.value_or(SIZE_MAX)) return {};
  return Error{.code = ErrorCode::kResourceExhausted,
               .message = fmt::format("{} statements of yours are active on connection {}, which is what you were "
                                      "granted there (MAX_ACTIVE).",
                                      active_here, connection),
               .hint = "Wait for some to end, or cancel them."};
}

void ServiceImpl::CountLive(const StatementFacts& facts, int change) {
  const auto add = [change](auto& counts, auto name) {
    const auto found = counts.try_emplace(std::move(name), 0).first;
    found->second += static_cast<std::size_t>(change);
    if (found->second == 0) counts.erase(found);
  };
  add(live_by_caller_, facts.caller);
  add(live_by_grant_, std::pair(facts.caller, facts.connection));
}

Unit ServiceImpl::UnitOf(const LivePtr& live) {
  const auto& facts = live->record.facts;
  return {.id = facts.id,
          .caller = facts.caller,
          .max_concurrent = live->record.limits.max_concurrent,
          .connection = facts.connection,
          .run = [this, live] { return RunStatement(live); }};
}

// On the thread that committed.
void ServiceImpl::Written(const Accepted& accepted, const SubmitRequest& request, Status status,
                          const std::optional<std::string>& existing, const Done<StatementFacts>& done) {
  if (!status.ok() || existing) {
    TakeBack(accepted);
    if (existing) return done(Repeated(request, *existing));
    return done(std::move(status).TakeError());
  }
  StatementFacts facts;
  std::size_t wake = 0;
  {
    const base::MutexLock lock(mutex_);
    const auto& live = accepted.live;
    facts = live->record.facts;
    if (live->session) {
      live->session->pending.push_back(live);
      if (!live->session->open) StoreSession(live->session);
      Pump(live->session);
    } else if (accepted.now) {
      ready_.push_back(*accepted.now);
    } else {
      turns_.Add(UnitOf(live));
    }
    wake = MoveReady(0);
  }
  Wake(wake);
  done(std::move(facts));
}

// It was not accepted after all.
void ServiceImpl::TakeBack(const Accepted& accepted) {
  std::vector<LivePtr> orphans;
  std::vector<std::unique_ptr<Conversation>> conversations;
  {
    const base::MutexLock lock(mutex_);
    const auto& live = accepted.live;
    const auto& facts = live->record.facts;
    live_.erase(facts.id);
    CountLive(facts, -1);
    if (accepted.now) turns_.Ended(*accepted.now, false);
    const auto& session = live->session;
    if (session && !session->open && !session->busy && session->pending.empty()) {
      CloseSession(session, orphans, conversations);
    }
    Dispatch();
  }
  EndOrphans(orphans);
}

Result<std::optional<std::string>> ServiceImpl::IdOfToken(const SubmitRequest& request) {
  if (request.client_token.empty()) return std::optional<std::string>();
  const base::MutexLock lock(read_mutex_);
  return reader_->FindToken(request.caller, request.client_token, clock_.WallNow() - limits_.client_token_retention);
}

Result<StatementFacts> ServiceImpl::Repeated(const SubmitRequest& request, std::string_view id) {
  BERTH_ASSIGN(auto record, Find(request.caller, id));
  if (SameRequest(record.facts, request)) return std::move(record.facts);
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("ClientToken was used with another request, which is statement {}.", id),
               .hint = "A token stands for one request: make a new one for each."};
}

Status ServiceImpl::RefreshConnections() {
  BERTH_ASSIGN(const auto version, engine_.CatalogVersion());
  if (version == known_.version) return {};
  BERTH_ASSIGN(auto connections, engine_.Connections());
  known_.by_name.clear();
  for (auto& connection : connections) {
    auto name = connection.name;
    known_.by_name.emplace(std::move(name), std::move(connection));
  }
  known_.version = version;
  return {};
}

Result<ConnectionFacts> ServiceImpl::ConnectionOf(const std::string& name) {
  if (name == kCatalogTarget) return ConnectionFacts{.name = name, .sessions_max = kCatalogStatementsMax + 1};
  const base::MutexLock lock(known_mutex_);
  BERTH_TRY(RefreshConnections());
  const auto found = known_.by_name.find(name);
  if (found != known_.by_name.end()) return found->second;
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("connection {} does not exist any more", name)};
}

}  // namespace berth::statements
