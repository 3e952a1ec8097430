#pragma once

#include <string>

#include "berth/deadline.h"
#include "berth/error.h"
#include "session/interrupt.h"
#include "session/login_errors.h"
#include "session/pq_cancel.h"
#include "session/pq_handle.h"
#include "session/session.h"
#include "session/wait.h"

namespace berth::session {

// A session whose login has succeeded and to which nothing was said yet.
struct Link {
  PqConn conn;
  CancelTarget cancel;
  std::chrono::microseconds login_took{0};  // the login itself, without TCP and TLS
};

// The time that a login may take, whose limit that is, and who may end it sooner.
struct LoginLimit {
  Deadline deadline = Deadline::Never();
  bool own = false;  // CONNECT_TIMEOUT, which is sooner than the caller's deadline
  Interrupt* stop = nullptr;
};
LoginLimit LimitOf(const ConnectParams& params, const Clock& clock, Deadline deadline, Interrupt* stop);

// Waits for `fd` as long as the limit lets a login wait. Errors: LoginTimeout, LoginStopped.
Status WaitInLogin(const ConnectParams& params, LoginPhase phase, const LoginLimit& limit, const Clock& clock,
                   WaitFor what);

// Resolves the host and tries its addresses in turn until one answers; a server that refuses the login ends it.
// Errors as SessionFactory::Open.
Result<Link> Connect(const ConnectParams& params, const Clock& clock, LoginLimit limit);

// Sends a CancelRequest to the first address of the host that takes it; the address in `target` is not used.
Status SendCancel(const ConnectParams& params, CancelTarget target, const Clock& clock, Deadline deadline);

// libpq reads PGSERVICE, PGTZ, PGDATESTYLE and PGGEQO from the environment and knows no keyword that could overrule
// them (a service that is not there even fails every login). Takes them out of this process's environment.
void DropUnruledVariables();

}  // namespace berth::session
