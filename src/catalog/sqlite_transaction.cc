#include "catalog/sqlite_transaction.h"

#include <utility>

#include "base/try.h"
#include "catalog/utc.h"

namespace berth::catalog {

Result<std::unique_ptr<Transaction>> SqliteTransaction::Begin(std::shared_ptr<const CatalogContext> context,
                                                              Access access, Deadline deadline) {
  BERTH_ASSIGN(auto database, context->handles->Take(access, deadline));
  // From here on the destructor gives the handle back.
  std::unique_ptr<SqliteTransaction> transaction(new SqliteTransaction(std::move(context), std::move(database)));
  auto& handle = *transaction->database_;
  BERTH_TRY(access == Access::kWrite ? handle.BeginWrite() : handle.BeginRead());
  return std::unique_ptr<Transaction>(std::move(transaction));
}

SqliteTransaction::~SqliteTransaction() {
  context_->handles->Return(std::move(database_));
}

Status SqliteTransaction::Ready() const {
  if (database_->InTransaction()) return {};
  return Error{.code = ErrorCode::kFailedTransaction,
               .message = finished_ ? "The transaction on the catalog was committed already"
                                    : "The transaction on the catalog failed and was rolled back",
               .hint = "Begin a new one."};
}

std::string SqliteTransaction::Now() const {
  return UtcText(context_->clock->WallNow());
}

Status SqliteTransaction::AllOrNothing(const std::function<Status()>& work) {
  BERTH_TRY(database_->Run("SAVEPOINT step"));
  Status status = work();
  if (!status.ok()) {
    // After a failure that rolled back everything there is no savepoint left; Ready() tells the next caller.
    if (database_->InTransaction()) BERTH_TRY(database_->Run("ROLLBACK TO step"));
    if (!database_->InTransaction()) return status;
  }
  BERTH_TRY(database_->Run("RELEASE step"));
  return status;
}

Status SqliteTransaction::Commit() {
  BERTH_TRY(Ready());
  BERTH_TRY(database_->Commit());
  finished_ = true;
  return {};
}

}  // namespace berth::catalog
