// What a Conversation does for a user of a service (Conversation::Serve).
#include <utility>

#include "base/try.h"
#include "engine/conversation.h"
#include "engine/served.h"

namespace berth::engine {

void ConversationImpl::Serve(ServedUser user) {
  const base::MutexLock lock(mutex_);
  warehouse_.Serve(user.name);
  served_ = std::move(user);
}

Status ConversationImpl::CheckServed(const parser::Statement& statement, Deadline deadline) {
  if (!served_) return {};
  BERTH_TRY(CheckServedStatement(statement));
  if (ReadsOnly(statement)) return {};
  BERTH_ASSIGN(const auto transaction, shared_.store.Begin(catalog::Access::kRead, CatalogDeadline(shared_, deadline)));
  BERTH_ASSIGN(const auto served, ReadServed(*transaction, *served_));
  return served.admin ? Status() : Status(NeedsAdmin(served));
}

Result<Outcome> ConversationImpl::RunServed(catalog::Access access, CatalogScope& scope,
                                            const std::function<Result<Outcome>(CatalogScope&)>& run) {
  if (!served_) return run(scope);
  BERTH_ASSIGN(const auto served, ReadServed(scope.transaction, *served_));
  if (access == catalog::Access::kWrite && !served.admin) return NeedsAdmin(served);
  if (served.reads_all) {
    CatalogScope all{scope.shared, scope.transaction, scope.settings, scope.notices, scope.after_commit, &served};
    return run(all);
  }
  BERTH_ASSIGN(const auto visible, VisibleTo(served, scope.transaction));
  CatalogScope his{scope.shared, *visible, scope.settings, scope.notices, scope.after_commit, &served};
  return run(his);
}

}  // namespace berth::engine
