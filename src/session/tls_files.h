#pragma once

#include "berth/error.h"
#include "session/session.h"

namespace berth::session {

// libpq passes over some files that it cannot read: with sslmode=require a sslrootcert that is not there means that
// nothing is checked, and a sslcert that is not there that none is shown. A file that the connection names is used, or
// there is no session. Errors: kUnavailable, naming the property, the file and the reason.
Status CheckTlsFiles(const ConnectParams& params);

}  // namespace berth::session
