#include "engine/reservation.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "engine/login.h"
#include "engine/names.h"
#include "engine/program_environment.h"
#include "pool/login_gate.h"
#include "pool/pool_texts.h"
#include "pool/reserve.h"

namespace berth::engine {
namespace {

class ReservationImpl final : public Reservation {
 public:
  ReservationImpl(std::string connection, session::ConnectParams params, std::vector<pool::Slot> slots)
      : connection_(std::move(connection)), params_(std::move(params)), slots_(std::move(slots)) {}

  Result<std::vector<std::string>> Bequeath(std::string_view program, std::vector<std::string> inherited) override {
    for (const auto& slot : slots_) BERTH_TRY(slot->Bequeath(program));
    return ProgramEnvironment(std::move(inherited), connection_, params_);
  }

 private:
  const std::string connection_;
  const session::ConnectParams params_;
  const std::vector<pool::Slot> slots_;
};

// A quoted name as it is, else a bare one, as SQL folds it.
Result<catalog::Connection> Find(const Shared& shared, const std::string& name) {
  BERTH_ASSIGN(const auto transaction,
               shared.store.Begin(catalog::Access::kRead, CatalogDeadline(shared, Deadline::Never())));
  BERTH_ASSIGN(auto exact, transaction->FindConnection(name));
  if (exact) return *std::move(exact);
  return RequireConnection(*transaction, {.name = base::ToLower(name)});
}

// A program that is let loose with a refused password would lock the account.
Status RefuseSuspended(const ReserveScope& scope, const catalog::Connection& connection) {
  pool::LoginGate gate(0);
  gate.Merge(scope.ledger.Refused(connection.id, connection.login_version));
  if (!gate.suspended()) return {};
  return pool::SuspendedError(PoolOptionsOf(scope.shared, connection), gate);
}

// A program that has its slots cannot be held up any more, so it is not let loose while the connection is paused.
Status RefusePaused(const pool::PoolOptions& options) {
  if (!options.pause) return {};
  Error error = pool::PausedError(options);
  error.sqlstate = std::string(error.Sqlstate());
  error.code = ErrorCode::kResourceExhausted;  // worth a retry
  return error;
}

// What processes that held these slots before and were killed have left running at the server.
void CancelOrphans(const ReserveScope& scope, const std::vector<pool::Slot>& slots,
                   const session::ConnectParams& params) {
  const Deadline soon = Deadline::After(scope.shared.clock, pool::kOrphanCancelMax);
  for (const auto& slot : slots) {
    const auto orphan = slot->orphan();
    if (!orphan || orphan->backend_pid == 0) continue;
    // Where it does not arrive, the program's login is refused for lack of room at worst.
    static_cast<void>(scope.factory.CancelBackend(params, orphan->backend_pid, orphan->cancel_key, soon).ok());
  }
}

// The program gets one password: where there are two, a login finds out which of them the server takes, and makes
// PASSWORD_NEXT the password if it is that one. Errors: the login's where both are refused; a server that is not
// reached is the program's to find.
Status ChoosePassword(const ReserveScope& scope, session::ConnectParams& params) {
  if (!params.next_password) return {};
  bool next = false;
  auto asked = params;
  asked.next_accepted = [&] {
    next = true;
    if (params.next_accepted) params.next_accepted();
  };
  const auto session = scope.factory.Open(asked, Deadline::After(scope.shared.clock, kPasswordTrialWait), nullptr);
  if (!session.ok() && session.error().code == ErrorCode::kUnauthenticated) return session.error();
  if (next) params.password = *params.next_password;
  return {};
}

}  // namespace

Result<std::unique_ptr<Reservation>> ReserveSlots(const ReserveScope& scope, const ReserveRequest& request) {
  const Shared& shared = scope.shared;
  BERTH_ASSIGN(const auto connection, Find(shared, request.connection));
  BERTH_TRY(RefuseSuspended(scope, connection));
  BERTH_TRY(shared.passwords.AskIfNeeded(connection));
  // A password that cannot be had is said before the wait; what is used is asked for after it, when it may be another.
  BERTH_TRY(LoginParams(shared, connection.id, Deadline::After(shared.clock, kPasswordWait)));

  const auto options = PoolOptionsOf(shared, connection);
  BERTH_TRY(RefusePaused(options));
  pool::ReserveOptions wanted{.connection_name = connection.name, .slots = request.slots, .deadline = request.deadline};
  wanted.slot.connection_id = connection.id;
  wanted.slot.cap = options.sessions_max;
  wanted.slot.version = options.version;
  wanted.slot.group = options.group;
  wanted.waiting = request.waiting;
  BERTH_ASSIGN(auto slots, pool::Reserve(scope.ledger, shared.clock, wanted));
  BERTH_ASSIGN(auto params, LoginParams(shared, connection.id, Deadline::After(shared.clock, kPasswordWait)));
  CancelOrphans(scope, slots, params);
  BERTH_TRY(ChoosePassword(scope, params));
  return std::unique_ptr<Reservation>(
      std::make_unique<ReservationImpl>(connection.name, std::move(params), std::move(slots)));
}

}  // namespace berth::engine
