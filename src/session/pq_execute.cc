// How a LibpqSession runs one statement: send, then hand out results until the server is ready again.
#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "base/try.h"
#include "session/pq_errors.h"
#include "session/pq_rows.h"
#include "session/pq_session.h"
#include "session/wait.h"

namespace berth::session {
namespace {

constexpr std::size_t kSqlBytesKept = 1U << 16U;  // capacity of the copied text that stays with an idle session

Status CheckTexts(std::string_view sql, Parameters parameters) {
  if (sql.size() > kSqlBytesMax) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("the statement has {} bytes; the limit is {}", sql.size(), kSqlBytesMax)};
  }
  if (const auto at = sql.find('\0'); at != std::string_view::npos) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("the statement holds a NUL byte, at offset {}", at),
                 .sqlstate = "22021",
                 .span = SourceSpan{.offset = static_cast<std::uint32_t>(at), .length = 1}};
  }
  if (parameters.size() > kParametersMax) {
    return Error{
        .code = ErrorCode::kLimitExceeded,
        .message = fmt::format("the statement has {} parameters; the limit is {}", parameters.size(), kParametersMax)};
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (parameters[i] && parameters[i]->find('\0') != std::string::npos) {
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("parameter ${} holds a NUL byte", i + 1),
                   .sqlstate = "22021"};
    }
  }
  return {};
}

// As socket(7), SO_INCOMING_CPU, has it.
int ArrivesOn(int socket) {
  int processor = -1;
  socklen_t size = sizeof processor;
  return ::getsockopt(socket, SOL_SOCKET, SO_INCOMING_CPU, &processor, &size) == 0 ? processor : -1;
}

}  // namespace

Result<Outcome> LibpqSession::Execute(std::string_view sql, Parameters parameters, Deadline deadline) {
  BERTH_TRY(CheckTexts(sql, parameters));
  const TextFacts facts = ReadText(sql);
  const bool idle = state() == SessionState::kIdle;
  auto outcome = RunText(sql, facts, parameters, deadline);
  // One that was prepared and is good no more is prepared anew, where the error has not undone a transaction.
  const bool again = !outcome.ok() && !parameters.empty() && DropInvalid(sql, outcome.error());
  if (again && idle && state() == SessionState::kIdle) return RunText(sql, facts, parameters, deadline);
  return outcome;
}

Result<Outcome> LibpqSession::RunText(std::string_view sql, const TextFacts& facts, Parameters parameters,
                                      Deadline deadline) {
  StatementCache::Use use;
  if (parameters.empty()) {
    if (facts.stain != Stain::kNone) cache_.RetireAll();
  } else {
    BERTH_ASSIGN(use, CachedUse(sql, facts.stain, deadline));
  }
  const bool in_transaction = state() == SessionState::kInTransaction || state() == SessionState::kFailedTransaction;
  BERTH_TRY(Begin(sql, deadline));
  interrupt_.Arm();
  if (use.prepare) {
    if (Status prepared = Prepare(use.name); !prepared.ok()) {
      cache_.Drop(sql, /*gone=*/false);
      return std::move(prepared).TakeError();
    }
  }
  run_.stored_tables = facts.stored_tables;
  run_.may_commit = facts.commits || (!in_transaction && !facts.reads_only);
  stain_ = Worse(stain_, facts.stain);
  prepared_.insert(prepared_.end(), facts.prepared.begin(), facts.prepared.end());
  if (prepared_.size() > kPreparedMax) stain_ = Stain::kObjects;
  auto rows = std::make_unique<LibpqRows>(*this);
  BERTH_TRY(Send(parameters, use.name));
  BERTH_ASSIGN(const bool any, rows->NextResult());
  if (!any) return Lost("the server answered nothing");
  return Outcome(std::move(rows));
}

Result<std::string> LibpqSession::Ask(const std::string& sql, Deadline deadline) {
  BERTH_TRY(Begin(sql, deadline));
  run_.ours = true;
  BERTH_TRY(Send({}));
  std::optional<std::string> first;
  for (;;) {
    BERTH_ASSIGN(PqResult result, Fetch());
    if (result == nullptr) return first.value_or("");
    switch (PQresultStatus(result.get())) {
      case PGRES_SINGLE_TUPLE:
        if (!first) first = PQgetvalue(result.get(), 0, 0);
        break;
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
      case PGRES_EMPTY_QUERY:
        break;
      default:
        return Fail(std::move(result));
    }
  }
}

// Everything that must be right before a byte is sent.
Status LibpqSession::Begin(std::string_view sql, Deadline deadline) {
  if (run_.open) {
    return Error{.code = ErrorCode::kFailedPrecondition,
                 .message = "the session still runs the statement before this one",
                 .hint = "Read its rows to the end, or drop them, first."};
  }
  const Clock::Steady now = clock_.Now();
  const bool heard_just_now = !broken_ && now - run_.ended < kHeardJustNow;
  if (!heard_just_now && !LooksAlive()) {
    return Error{.code = ErrorCode::kSessionLost,
                 .message = std::exchange(broken_, true)
                                ? "the session was lost in an earlier statement"
                                : "the server had closed the session before the statement was sent",
                 .hint = "Nothing was sent; it can be run again in another session.",
                 .session_fate = SessionFate::kDiscard};
  }
  if (now >= deadline.time()) {
    return Error{.code = ErrorCode::kDeadlineExceeded,
                 .message = "the deadline had passed before the statement was sent"};
  }
  run_.sql.assign(sql);
  run_.number += 1;
  run_.open = true;
  run_.ours = false;
  run_.may_commit = false;
  run_.started = now;
  run_.deadline = deadline;
  return {};
}

Status LibpqSession::Send(Parameters parameters, const std::string& prepared) {
  PGconn* conn = link_.conn.get();
  int sent = 0;
  if (parameters.empty()) {
    sent = PQsendQuery(conn, run_.sql.c_str());
  } else {
    std::vector<const char*> values(parameters.size());
    std::transform(parameters.begin(), parameters.end(), values.begin(),
                   [](const auto& value) { return value ? value->c_str() : nullptr; });
    const int count = static_cast<int>(values.size());
    sent = prepared.empty()
               ? PQsendQueryParams(conn, run_.sql.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0)
               : PQsendQueryPrepared(conn, prepared.c_str(), count, values.data(), nullptr, nullptr, 0);
  }
  if (sent == 0) return Lost(PQerrorMessage(conn));
  PQsetSingleRowMode(conn);
  return Flush();
}

// A long text does not fit into the socket at once; what the server says meanwhile is taken in, or both would wait.
Status LibpqSession::Flush() {
  PGconn* conn = link_.conn.get();
  for (;;) {
    const int left = PQflush(conn);
    if (left == 0) return {};
    if (left < 0) return Lost(PQerrorMessage(conn));
    if (auto reason = AwaitServer(POLLIN | POLLOUT)) return Stop(*reason);
    if (PQconsumeInput(conn) == 0) return Lost(PQerrorMessage(conn));
  }
}

Result<PqResult> LibpqSession::Fetch() {
  if (!run_.open) return PqResult();
  BERTH_ASSIGN(PqResult result, Arrived());
  if (result == nullptr) End();
  return result;
}

Result<PqResult> LibpqSession::Arrived() {
  PGconn* conn = link_.conn.get();
  if (interrupt_.fired()) return Stop(StopReason::kCancelled);
  bool there = !eager_ || LookEagerly();
  while (there && PQisBusy(conn) != 0) {
    if (auto reason = AwaitServer(POLLIN)) return Stop(*reason);
    there = PQconsumeInput(conn) != 0;
  }
  return PqResult(PQgetResult(conn));  // of a server that is gone what it said before, then the error
}

bool LibpqSession::LookEagerly() {
  PGconn* conn = link_.conn.get();
  if (PQisBusy(conn) == 0) return true;
  if (!eagerness_.Due()) return true;
  for (unsigned looks = 0; looks < params_.eager_looks; ++looks) {
    if (interrupt_.fired()) return true;
    const bool go_on = base::Eagerness::Yield(clock_);  // to the server's process, if it waits for this processor
    if (PQconsumeInput(conn) == 0) return false;
    if (PQisBusy(conn) == 0) {
      eagerness_.Paid();
      return true;
    }
    if (!go_on) break;
  }
  eagerness_.Vain();
  return true;
}

std::optional<LibpqSession::StopReason> LibpqSession::AwaitServer(short events) {
  const bool bounded = params_.socket_timeout.count() > 0;
  const Deadline silence = bounded ? Deadline::After(clock_, params_.socket_timeout) : Deadline::Never();
  const WaitFor what{
      .fd = PQsocket(link_.conn.get()), .events = events, .other = interrupt_.fd(), .other_events = POLLIN};
  for (;;) {
    Deadline until = run_.deadline.Sooner(silence);
    if (server_.tls) until = until.Sooner(Deadline::After(clock_, kTlsLook));
    const Woken woken = Wait(what, clock_, until);
    if (interrupt_.fired()) return StopReason::kCancelled;
    if (run_.deadline.Passed(clock_)) return StopReason::kDeadline;
    if (woken == Woken::kReady) return std::nullopt;
    if (silence.Passed(clock_)) return StopReason::kSilence;
    if (server_.tls && woken == Woken::kTimeout) {
      PQconsumeInput(link_.conn.get());
      if (PQisBusy(link_.conn.get()) == 0 || PQstatus(link_.conn.get()) != CONNECTION_OK) return std::nullopt;
    }
  }
}

void LibpqSession::End() {
  run_.open = false;
  run_.ended = clock_.Now();
  client_data_ = nullptr;
  if (run_.sql.capacity() > kSqlBytesKept) run_.sql = std::string();
  interrupt_.Disarm();
  if (run_.number % kPlaceEvery == 1) processor_ = ArrivesOn(PQsocket(link_.conn.get()));
  while (PGnotify* notify = PQnotifies(link_.conn.get())) PQfreemem(notify);  // LISTEN's; nobody reads them here
  if (PQstatus(link_.conn.get()) != CONNECTION_OK) broken_ = true;
}

Error LibpqSession::Lost(std::string_view reason) {
  Error error = LostError(reason, run_.may_commit, server_);
  broken_ = true;
  End();
  return error;
}

Error LibpqSession::Fail(PqResult result) {
  PGconn* conn = link_.conn.get();
  switch (PQresultStatus(result.get())) {
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
    case PGRES_COPY_BOTH:
      return Stop(StopReason::kCopy);
    default:
      break;
  }
  const bool from_server = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE) != nullptr;
  if (!from_server || IsFatal(result.get())) {
    Error server = ServerError(result.get(), run_.sql);
    Error lost = Lost(server.message);
    if (!server.sqlstate.empty()) lost.detail = fmt::format("The server said {} as it hung up.", server.sqlstate);
    return lost;
  }
  Error error = ServerError(result.get(), run_.sql);
  result.reset();
  for (;;) {  // to the server's "ready for the next one"
    auto rest = Fetch();
    if (!rest.ok() || rest.value() == nullptr) break;
  }
  if (broken_ || PQstatus(conn) != CONNECTION_OK) error.session_fate = SessionFate::kDiscard;
  return error;
}

}  // namespace berth::session
