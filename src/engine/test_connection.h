#pragma once

#include <functional>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/rows.h"
#include "catalog/store.h"
#include "engine/cancel_point.h"
#include "engine/shared.h"
#include "pool/pool.h"

namespace berth::engine {

// What TEST CONNECTION works with.
struct TestScope {
  const Shared& shared;
  Deadline deadline;
  CancelPoint& cancel;
  std::function<Result<pool::Lease>(const catalog::Connection&)> lease_on;
};

// TEST CONNECTION: resolve, tcp, tls, login, query, one row each. Up to TLS it goes on a link of its own, on which
// nothing is sent that the server would count as a session; the login is one of the pool's, under the cap, and never a
// session that was open before. Once its rows are read, NextResult() gives the error of the step that failed. Errors: a
// connection string that cannot be read.
Result<Outcome> TestConnection(const catalog::Connection& connection, TestScope& scope);

// A session of the pool's whose login is younger than `since`: what is stored logs in now. Errors: those of lease_on;
// kResourceExhausted where ever more older sessions come first.
Result<pool::Lease> NewLogin(const catalog::Connection& connection, TestScope& scope, Clock::Steady since);

}  // namespace berth::engine
