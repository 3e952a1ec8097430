// How a LibpqSession stops what it runs: a CancelRequest, and the rest of the results thrown away, within kCancelGrace.
#include <fmt/core.h>
#include <poll.h>

#include "base/try.h"
#include "session/pq_errors.h"
#include "session/pq_session.h"
#include "session/wait.h"

namespace berth::session {
namespace {

// A cancel that reaches the server before the statement has begun is lost: it is sent again.
constexpr std::chrono::milliseconds kCancelRepeat{250};
constexpr std::size_t kCopyPieceBytes = 64 * 1024;  // given to libpq at once
constexpr int kArrivedRowsMax = 1'000;              // thrown away before a cancel is thought worth while

long long Milliseconds(Clock::Steady::duration span) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(span).count();
}

}  // namespace

void LibpqSession::Abandon(std::uint64_t run) {
  if (!run_.open || run_.number != run) return;
  PGconn* conn = link_.conn.get();
  // The end has often arrived already, most often with the rows; then there is nothing to stop.
  if (PQisBusy(conn) != 0) PQconsumeInput(conn);
  for (int i = 0; i < kArrivedRowsMax && PQisBusy(conn) == 0; ++i) {
    const PqResult result(PQgetResult(conn));
    if (result == nullptr) return End();
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
      NoteTag(PQcmdStatus(const_cast<PGresult*>(result.get())));
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) break;
  }
  Stop(StopReason::kAbandoned);
}

Error LibpqSession::Stop(StopReason reason) {
  const Drained drained = run_.ours ? Drained() : Drain();
  if (!drained.ended) broken_ = true;
  Error error = StopError(reason, drained);
  End();
  return error;
}

LibpqSession::Drained LibpqSession::Drain() {
  PGconn* conn = link_.conn.get();
  const Deadline grace = Deadline::After(clock_, kCancelGrace);
  std::optional<CancelRequest> request;
  Deadline again = Deadline::Never();
  Drained drained;
  for (;;) {
    if (!drained.ended) drained.ended = TakeArrived(drained);
    const bool asking = request && !request->done();
    // The request is seen to its end, or it could hit the next statement.
    if (drained.ended && !asking) return drained;
    if (PQstatus(conn) != CONNECTION_OK || grace.Passed(clock_)) {
      drained.ended = false;
      return drained;
    }
    if (!drained.ended && !asking && (!request || again.Passed(clock_))) {
      request.emplace(link_.cancel);
      again = Deadline::After(clock_, kCancelRepeat);
      continue;
    }
    const WaitFor what{.fd = drained.ended ? -1 : PQsocket(conn),
                       .events = static_cast<short>(POLLIN | (PQflush(conn) > 0 ? POLLOUT : 0)),
                       .other = asking ? request->fd() : -1,
                       .other_events = asking ? request->events() : short{0}};
    Deadline until = asking ? grace : grace.Sooner(again);
    if (server_.tls) until = until.Sooner(Deadline::After(clock_, kTlsLook));
    const Woken woken = Wait(what, clock_, until);
    if (woken == Woken::kOther) request->Advance();
    if (!drained.ended) PQconsumeInput(conn);
  }
}

bool LibpqSession::TakeArrived(Drained& drained) {
  PGconn* conn = link_.conn.get();
  while (PQisBusy(conn) == 0) {
    const PqResult result(PQgetResult(conn));
    if (result == nullptr) return true;
    const ExecStatusType status = PQresultStatus(result.get());
    switch (status) {
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
        NoteTag(PQcmdStatus(const_cast<PGresult*>(result.get())));
        break;
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH:
        if (!EndCopy(status)) return false;
        break;
      case PGRES_FATAL_ERROR:
      case PGRES_BAD_RESPONSE:
        drained.failed = true;
        if (PQstatus(conn) != CONNECTION_OK) return false;
        break;
      default:
        break;
    }
  }
  return false;
}

// Says that no data will come, or throws away those that have; false: more are to come.
bool LibpqSession::EndCopy(ExecStatusType status) {
  PGconn* conn = link_.conn.get();
  if (status != PGRES_COPY_OUT) return PQputCopyEnd(conn, "the client sends no rows") == 1;
  for (;;) {
    char* data = nullptr;
    const int size = PQgetCopyData(conn, &data, 1);
    if (data != nullptr) PQfreemem(data);
    if (size == 0) return false;
    if (size < 0) return true;
  }
}

Status LibpqSession::SendClientData() {
  PGconn* conn = link_.conn.get();
  if (!client_data_) return Stop(StopReason::kCopy);
  for (;;) {
    if (interrupt_.fired()) return Stop(StopReason::kCancelled);
    if (run_.deadline.Passed(clock_)) return Stop(StopReason::kDeadline);
    const auto piece = client_data_();
    if (!piece.ok()) {
      Error error = piece.error();
      error.session_fate = Stop(StopReason::kAbandoned).session_fate;
      return error;
    }
    if (piece.value().empty()) break;
    for (auto left = piece.value(); !left.empty();) {
      const auto part = left.substr(0, kCopyPieceBytes);
      if (PQputCopyData(conn, part.data(), static_cast<int>(part.size())) != 1) return Lost(PQerrorMessage(conn));
      left.remove_prefix(part.size());
      BERTH_TRY(Flush());  // so libpq's buffer does not grow
    }
  }
  if (PQputCopyEnd(conn, nullptr) != 1) return Lost(PQerrorMessage(conn));
  return Flush();
}

Error LibpqSession::StopError(StopReason reason, const Drained& drained) const {
  Error error{.code = ErrorCode::kCancelled, .message = "the statement was cancelled"};
  switch (reason) {
    case StopReason::kCancelled:
    case StopReason::kAbandoned:
      break;
    case StopReason::kDeadline:
      error.code = ErrorCode::kDeadlineExceeded;
      error.message = fmt::format("the statement was cancelled: it ran longer than its limit of {} ms",
                                  Milliseconds(run_.deadline.time() - run_.started));
      break;
    case StopReason::kSilence:
      error.code = ErrorCode::kDeadlineExceeded;
      error.message = fmt::format("the statement was cancelled: the server was silent for the socketTimeout of {} ms",
                                  params_.socket_timeout.count());
      break;
    case StopReason::kCopy:
      error.code = ErrorCode::kNotSupported;
      error.message = "COPY FROM STDIN and COPY TO STDOUT are not supported: there is no client data to read or write";
      error.hint =
          "Redshift loads and unloads through S3: COPY t FROM 's3://..' and UNLOAD ('select ..') TO 's3://..'.";
      break;
  }
  if (run_.ours) {
    error.session_fate = SessionFate::kDiscard;
  } else if (!drained.ended) {
    error.session_fate = SessionFate::kDiscard;
    error.in_doubt = run_.may_commit;
    error.detail =
        fmt::format("The server did not stop it within {} ms; its session was given up.", kCancelGrace.count());
  } else if (!drained.failed && run_.may_commit) {
    error.in_doubt = true;
    error.detail = "The server had finished it before the request to stop arrived: its work may have been committed.";
  }
  return error;
}

}  // namespace berth::session
