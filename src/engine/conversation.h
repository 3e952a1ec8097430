#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fork_guard.h"
#include "base/mutex.h"
#include "berth/engine.h"
#include "catalog/store.h"
#include "engine/cancel_point.h"
#include "engine/catalog_work.h"
#include "engine/job_run.h"
#include "engine/listing.h"
#include "engine/shared.h"
#include "engine/statement_limit.h"
#include "engine/table_statements.h"
#include "engine/warehouse.h"
#include "engine/watch.h"
#include "parser/ast.h"
#include "parser/leading_words.h"

namespace berth::engine {

// One caller's thread of statements: decides whose a statement is and runs it. The mutex keeps the watch out while a
// statement runs; rows that are still open keep it out by rows_open_.
class ConversationImpl final : public Conversation, private Watch::Subject {
 public:
  ConversationImpl(const Shared& shared, Watch& watch);
  ~ConversationImpl() override;

  Result<Outcome> Execute(std::string_view text, Parameters parameters, Deadline deadline) override;
  Result<Outcome> Pass(std::string_view text, Parameters parameters, Deadline deadline) override;
  Result<SessionFacts> Connect(Deadline deadline) override;
  void Serve(ServedUser user) override;
  Status Use(std::string_view connection) override;
  void Cancel() override { cancel_.Cancel(); }
  ConversationState state() const override;
  std::optional<SessionFacts> session() const override;
  void SetNoticeSink(NoticeSink sink) override;
  void SetWaitingSink(WaitingSink sink) override;
  void SetStepSink(StepSink sink) override;
  void SetClientData(ClientData data) override;

  // One attempt at a tick (job_run.h). As Execute: one thread at a time, Cancel() from any.
  Result<std::optional<JobEnd>> RunTick(const JobRequest& request, Deadline deadline);

  void RowsEnded();  // the rows of the last statement are gone

 private:
  friend struct Dispatch;

  enum class Reading : std::uint8_t { kDecide, kServers };  // whose statement it is is told by its words, or given

  Result<Outcome> Start(Reading reading, std::string_view text, Parameters parameters, Deadline deadline);
  Result<Outcome> Decide(Reading reading, std::string_view text, Parameters parameters, Deadline deadline)
      BERTH_REQUIRES(mutex_);
  Result<Outcome> RunOurs(std::string_view text, Parameters parameters, Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Outcome> RunTransactionWord(parser::TransactionWord word, std::string_view text, Deadline deadline)
      BERTH_REQUIRES(mutex_);
  Result<Outcome> PassThrough(std::string_view text, Parameters parameters, Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Outcome> SendTo(session::Session& session, pool::Lease lease, std::string_view text, Parameters parameters,
                         StatementLimit limit) BERTH_REQUIRES(mutex_);
  Result<Outcome> InCatalog(catalog::Access access, Deadline deadline,
                            const std::function<Result<Outcome>(CatalogScope&)>& run) BERTH_REQUIRES(mutex_);
  Result<Outcome> Rotate(const parser::RotatePassword& statement, Deadline deadline) BERTH_REQUIRES(mutex_);
  // An ALTER without VALIDATE; where it leads to another database, recorded tables that are missing there are told of.
  Result<Outcome> Alter(const parser::AlterConnection& statement, Deadline deadline) BERTH_REQUIRES(mutex_);
  void TellMissing(const catalog::Connection& connection, const std::vector<catalog::DependentTable>& tables,
                   Deadline deadline) BERTH_REQUIRES(mutex_);
  // `run` once the login of the connection that it makes of `before` was tried.
  Result<Outcome> Validating(const std::string& before, const std::string& name, Deadline deadline,
                             const std::function<Result<Outcome>(CatalogScope&)>& run) BERTH_REQUIRES(mutex_);
  Result<Outcome> Explain(const parser::Explain& statement, Deadline deadline) BERTH_REQUIRES(mutex_);
  Status RefuseHere(const parser::Explained& statement) const BERTH_REQUIRES(mutex_);
  Result<Outcome> UseConnection(const parser::Use& statement, Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Outcome> ExecuteOn(const parser::ExecuteOnConnection& statement, Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Outcome> Test(const parser::TestConnection& statement, Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Outcome> Pause(const parser::PauseConnection& statement, Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Outcome> Drop(const parser::DropConnection& statement, Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Outcome> ShowSessions(const parser::ShowSessions& statement, Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Listing> ListSessions(Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Outcome> RunNow(const parser::RunJob& statement, Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<std::optional<JobEnd>> RunHere(const JobRequest& request, Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Listing> ListColumns(Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Outcome> Select(std::string_view text, Parameters parameters, Deadline deadline) BERTH_REQUIRES(mutex_);
  Result<Outcome> SelectUntil(std::string_view text, Parameters parameters, Deadline deadline) BERTH_REQUIRES(mutex_);
  // The connections that the caller may see; `all`: nothing is kept from him.
  struct Seen {
    std::vector<catalog::Connection> connections;
    bool all = true;
  };
  Result<Seen> ReadSeen(Deadline deadline) BERTH_REQUIRES(mutex_);
  bool RestsAndIsTold(const catalog::Connection& connection) const BERTH_REQUIRES(mutex_);
  Result<catalog::Connection> Read(const parser::Identifier& name, Deadline deadline) BERTH_REQUIRES(mutex_);
  Status RefuseInCatalogWork(std::string_view what) const BERTH_REQUIRES(mutex_);
  Result<Outcome> OnTable(Deadline deadline, const std::function<Result<Outcome>(TableScope&)>& run)
      BERTH_REQUIRES(mutex_);
  Result<bool> IsConnection(const std::string& name, Deadline deadline) BERTH_REQUIRES(mutex_);
  Status RefuseInTransaction(std::string_view what) const BERTH_REQUIRES(mutex_);
  // For whom a service runs this: whether he may say it. OK where it is nobody but the person at the program.
  Status CheckServed(const parser::Statement& statement, Deadline deadline) BERTH_REQUIRES(mutex_);
  // `run`, with the catalog as the served user may see it.
  std::string_view ServedName() const BERTH_REQUIRES(mutex_) {
    return served_ ? std::string_view(served_->name) : std::string_view();
  }
  Result<Outcome> RunServed(catalog::Access access, CatalogScope& scope,
                            const std::function<Result<Outcome>(CatalogScope&)>& run) BERTH_REQUIRES(mutex_);

  void Look(Clock::Steady now) override;

  const Shared& shared_;
  Watch& watch_;
  CancelPoint cancel_;  // self-synchronised

  const std::uint32_t epoch_ = base::ForkEpoch();
  mutable base::Mutex mutex_;
  Warehouse warehouse_ BERTH_GUARDED_BY(mutex_);
  CatalogWork work_ BERTH_GUARDED_BY(mutex_);
  Settings settings_ BERTH_GUARDED_BY(mutex_);
  NoticeSink notices_ BERTH_GUARDED_BY(mutex_);
  StepSink steps_ BERTH_GUARDED_BY(mutex_);
  ClientData client_data_ BERTH_GUARDED_BY(mutex_);
  std::string description_ BERTH_GUARDED_BY(mutex_);  // the last statement of Berth's own, secrets masked
  bool rows_open_ BERTH_GUARDED_BY(mutex_) = false;
  std::optional<ServedUser> served_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::engine
