#include <memory>
#include <utility>

#include "base/log.h"
#include "base/try.h"
#include "statements/service_impl.h"

namespace berth::statements {
namespace {

constexpr const char* kInDoubt =
    "ERROR: The service ended while this statement was under way: whether it took effect is in doubt\n"
    "  Hint: Look at what it should have changed before you run it again.";
constexpr const char* kSessionGone =
    "ERROR: Session is not available: the service that kept it has ended. The statement was not run.";

}  // namespace

// What processes that have died left: what they had begun is in doubt, what they had only accepted is run here.
void ServiceImpl::Sweep() {
  std::vector<std::string> dead;
  {
    const base::MutexLock lock(read_mutex_);
    const auto owners = reader_->LiveOwners();
    if (!owners.ok()) return;
    for (const auto& owner : owners.value()) {
      if (owner == owner_.id()) continue;
      const auto lives = Owner::Lives(owners_, owner);
      if (lives.ok() && !lives.value()) dead.push_back(owner);
    }
  }
  for (const auto& owner : dead) {
    auto adopted = std::make_shared<std::vector<Record>>();
    const auto swept =
        writer_->Apply([this, owner, adopted](Store& store) { return SweepOwner(store, owner, *adopted); });
    if (!swept.ok()) {
      log::Warn("what process {} has left cannot be taken over: {}", owner, swept.error().message);
      continue;
    }
    Owner::Forget(owners_, owner);
    TakeOver(std::move(*adopted));
  }
}

// Within one write transaction, so that of several processes one alone finds them.
Status ServiceImpl::SweepOwner(Store& store, const std::string& owner, std::vector<Record>& adopted) {
  adopted.clear();
  BERTH_ASSIGN(auto records, store.LiveOf(owner));
  for (auto& record : records) {
    const bool begun = record.facts.progress.state != StatementState::kSubmitted;
    if (!begun && !record.facts.session_id) {
      BERTH_TRY(store.SetOwner(record.facts.id, owner_.id()));
      record.owner = owner_.id();
      adopted.push_back(std::move(record));
      continue;
    }
    if (begun) {
      for (auto& sub : record.facts.sub_statements) {
        // Of a transaction each shares the fate of the whole.
        const bool doubt = sub.progress.state == StatementState::kStarted ||
                           record.facts.execution_mode == ExecutionMode::kTransaction;
        if (!doubt || (IsFinal(sub.progress.state) && sub.progress.state != StatementState::kFinished)) continue;
        sub.progress.state = StatementState::kFailed;
        sub.progress.has_result_set = false;
        sub.progress.small_result.reset();
        sub.progress.error = kInDoubt;
        sub.progress.updated_at = clock_.WallNow();
      }
    }
    BERTH_TRY(WriteEnd(store, NotRun(std::move(record), StatementState::kFailed, begun ? kInDoubt : kSessionGone),
                       limits_.retention));
  }
  return store.CloseSessionsOf(owner, clock_.WallNow());
}

void ServiceImpl::TakeOver(std::vector<Record> adopted) {
  for (auto& record : adopted) {
    const auto facts = ConnectionOf(record.facts.connection);
    const base::MutexLock lock(mutex_);
    auto live = std::make_shared<Live>();
    live->record = std::move(record);
    if (facts.ok()) {
      turns_.SetRoom(live->record.facts.connection,
                     facts.value().sessions_max > 1 ? facts.value().sessions_max - 1 : 1);
    }
    CountLive(live->record.facts, 1);
    live_.emplace(live->record.facts.id, live);
    turns_.Add(UnitOf(live));
    Dispatch();
  }
}

}  // namespace berth::statements
