#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/eagerness.h"
#include "base/fork_guard.h"
#include "session/interrupt.h"
#include "session/pq_connect.h"
#include "session/session.h"
#include "session/stain.h"
#include "session/statement_cache.h"

namespace berth::session {

// One thread at a time; Cancel() from any. Nothing here blocks but Wait(), which always has a deadline.
class LibpqSession final : public Session {
 public:
  // Logs in and applies the startup settings.
  static Result<std::unique_ptr<Session>> Open(const ConnectParams& params, const Clock& clock, LoginLimit limit);
  LibpqSession(Link link, const ConnectParams& params, const Clock& clock);
  LibpqSession(const LibpqSession&) = delete;
  LibpqSession& operator=(const LibpqSession&) = delete;
  ~LibpqSession() override;

  Result<Outcome> Execute(std::string_view sql, Parameters parameters, Deadline deadline) override;
  void Cancel() override { interrupt_.Fire(); }
  Status Reset(Deadline deadline) override;
  Status ServeUser(std::string_view user, std::string_view application_name, Deadline deadline) override;
  Status Ping(Deadline deadline) override;
  Result<std::string> HashPassword(const std::string& user, const Secret& password, Deadline deadline) override;
  bool LooksAlive() override;

  SessionState state() const override;
  Stain stain() const override { return stain_; }
  const ServerInfo& server() const override { return server_; }
  bool backslash_escapes() const override;
  void SetNoticeSink(NoticeSink sink) override { notices_ = std::move(sink); }
  void SetClientData(ClientData data) override { client_data_ = std::move(data); }
  void SetEager(bool eager) override { eager_ = eager; }
  int processor() const override { return processor_; }

  // For the rows of the statement that runs. ----------------------------------------------------------------------
  // The next PGresult, null at the end of the text. Errors: the statement was stopped (deadline, Cancel); it is over
  // then and the session either clean or broken.
  Result<PqResult> Fetch();
  // What went wrong, from a result that is an error or that is a COPY; ends the statement.
  Error Fail(PqResult result);
  // The server waits for the rows of a COPY .. FROM STDIN: sends the client's, all of them. Errors: as Fetch,
  // kNotSupported where there are none, and the client's own; the statement is over then.
  Status SendClientData();
  // Marks what a result without error leaves behind.
  void NoteTag(std::string_view tag) { stain_ = Worse(stain_, StainOfTag(tag, run_.stored_tables)); }
  // Stops statement number `run` if it still runs.
  void Abandon(std::uint64_t run);
  std::uint64_t run_number() const { return run_.number; }

 private:
  enum class StopReason : std::uint8_t { kCancelled, kDeadline, kSilence, kAbandoned, kCopy };

  // The statement that runs, or the last one.
  struct Run {
    std::uint64_t number = 0;
    bool open = false;           // results may still come
    bool ours = false;           // of Reset, Ping or the login: not worth a cancel, its error closes the session
    bool stored_tables = false;  // as TextFacts has it
    bool may_commit = false;     // if the session is lost now, its work may have been committed
    std::string sql;
    Clock::Steady started{};
    Clock::Steady ended{};
    Deadline deadline = Deadline::Never();
  };
  // What came while a stopped statement was run to its end.
  struct Drained {
    bool ended = false;   // the server is ready for the next statement
    bool failed = false;  // the server reported an error, so nothing of it stays
  };

  Status Startup(Deadline deadline);
  // Reset(), with more settings behind it.
  Status ResetTo(const std::string& settings, Deadline deadline);
  // Runs a text of our own to its end; the first value of the first row. Any error of any statement in it counts.
  Result<std::string> Ask(const std::string& sql, Deadline deadline);

  Result<Outcome> RunText(std::string_view sql, const TextFacts& facts, Parameters parameters, Deadline deadline);
  Status Begin(std::string_view sql, Deadline deadline);
  Status Send(Parameters parameters, const std::string& prepared = {});
  Result<PqResult> Arrived();  // as Fetch, but does not end the statement
  Status Flush();
  void End();

  // pq_prepared.cc
  Result<StatementCache::Use> CachedUse(std::string_view sql, Stain stain, Deadline deadline);
  Status DeallocateRetired(Deadline deadline);
  Status Prepare(const std::string& name);
  bool DropInvalid(std::string_view sql, const Error& error);

  Error Lost(std::string_view reason);

  std::optional<StopReason> AwaitServer(short events);
  bool LookEagerly();  // false: the server is gone
  Error Stop(StopReason reason);
  Drained Drain();
  // Takes what has arrived; true once the statement is over.
  bool TakeArrived(Drained& drained);
  bool EndCopy(ExecStatusType status);
  Error StopError(StopReason reason, const Drained& drained) const;

  static void OnNotice(void* session, const PGresult* result);

  const Clock& clock_;
  const ConnectParams params_;  // without the passwords
  std::string served_;          // ServeUser()'s
  Link link_;
  base::ForkGuard guard_;  // of its socket
  ServerInfo server_;
  Interrupt interrupt_;
  Run run_;
  std::chrono::milliseconds close_wait_ = kCloseWait;
  bool broken_ = false;
  bool dismissed_ = false;  // the server has said that it ends the session
  Stain stain_ = Stain::kNone;
  std::vector<std::string> prepared_;  // by texts of the holder
  StatementCache cache_;
  bool eager_ = false;
  base::Eagerness eagerness_;  // a server that is far away costs no looks
  int processor_ = -1;
  NoticeSink notices_;
  ClientData client_data_;
};

// Statements from one look to the next on which processor the answers arrive, which is a system call.
inline constexpr std::uint64_t kPlaceEvery = 64;

// libpq reads TLS records into a buffer that poll() does not see; with TLS it is asked again after this long.
inline constexpr std::chrono::milliseconds kTlsLook{20};
// A session that answered less than this ago is used without a look at its socket, which is a system call. Should the
// server have hung up just then, the statement reads so in place of its answer, as it does when it hangs up a moment
// later.
inline constexpr std::chrono::microseconds kHeardJustNow{1'000};
inline constexpr std::size_t kPreparedMax = 100;  // names that Reset() cleans one by one; with more: close the session
inline constexpr std::size_t kParametersMax = 65'535;       // of one statement: the protocol's
inline constexpr std::size_t kSqlBytesMax = 1'000'000'000;  // of one text: the protocol's 1 GB, less its frame

}  // namespace berth::session
