#include <fmt/core.h>

#include <memory>
#include <utility>

#include "base/try.h"
#include "statements/listing_queries.h"
#include "statements/service_impl.h"
#include "statements/statement_id.h"

namespace berth::statements {
namespace {

Error NoTurn() {
  return Error{.code = ErrorCode::kDeadlineExceeded,
               .message = "The query timed out: no session of the connection was free for it in time.",
               .hint = "Raise MAX_CONCURRENT_CONNECTIONS of the connection, or try again later."};
}

// PostgreSQL shows one database to a session, and so does the catalog of Redshift.
Status CheckDatabase(const ListingRequest& request, const ConnectionFacts& connection) {
  if (!request.database || *request.database == connection.database) return {};
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("Database \"{}\" cannot be described through a connection to \"{}\".",
                                      *request.database, connection.database),
               .hint = "Name a connection to that database."};
}

}  // namespace

template <class T>
void ServiceImpl::Listing(ListingRequest request, Done<T> done,
                          std::function<Result<T>(Conversation&, const ListingRequest&)> ask) {
  const auto connection = ConnectionOf(request.connection);
  if (!connection.ok()) return done(connection.error());
  if (auto fits = CheckDatabase(request, connection.value()); !fits.ok()) return done(std::move(fits).TakeError());
  const auto shared = std::make_shared<ListingRequest>(std::move(request));
  const auto told = std::make_shared<Done<T>>(std::move(done));
  Unit unit{.id = NewUuid(clock_.WallNow()),
            .caller = shared->caller,
            .max_concurrent = shared->caller_limits.max_concurrent,
            .connection = shared->connection,
            .give_up = shared->deadline.time()};
  unit.run = [this, shared, told, ask = std::move(ask)] {
    (*told)([&]() -> Result<T> {
      const auto conversation = engine_.NewConversation();
      BERTH_TRY(Introduce(*conversation, shared->caller, shared->connection));
      const auto facts = conversation->Connect(shared->deadline);
      if (!facts.ok() && facts.error().code == ErrorCode::kResourceExhausted) return NoTurn();
      if (!facts.ok()) return facts.error();
      return ask(*conversation, *shared);
    }());
    return false;
  };
  unit.expired = [told] { (*told)(NoTurn()); };
  {
    const base::MutexLock lock(mutex_);
    if (!draining_ && turns_.waiting() < limits_.active_max * 2) {
      const auto cap = connection.value().sessions_max;
      turns_.SetRoom(shared->connection, cap > 1 ? cap - 1 : 1);
      turns_.Add(std::move(unit));
      return Dispatch();
    }
  }
  (*told)(Error{.code = ErrorCode::kThrottled,
                .message = fmt::format("{} requests wait for their turn, which is the limit of this service.",
                                       limits_.active_max * 2),
                .hint = "Try again later."});
}

void ServiceImpl::ListDatabases(ListingRequest request, Done<NamePage> done) {
  request.database.reset();  // the list is the same from each
  Listing<NamePage>(std::move(request), std::move(done), AskDatabases);
}

void ServiceImpl::ListSchemas(ListingRequest request, Done<NamePage> done) {
  Listing<NamePage>(std::move(request), std::move(done), AskSchemas);
}

void ServiceImpl::ListTables(ListingRequest request, Done<TablePage> done) {
  Listing<TablePage>(std::move(request), std::move(done), AskTables);
}

void ServiceImpl::DescribeTable(ListingRequest request, Done<ColumnPage> done) {
  Listing<ColumnPage>(std::move(request), std::move(done), AskColumns);
}

}  // namespace berth::statements
