#pragma once

#include <string>

#include "berth/error.h"
#include "session/session.h"

namespace berth::session {

// libpq passes over some files that it cannot read: with sslmode=require a sslrootcert that is not there means that
// nothing is checked, and a sslcert that is not there that none is shown. A file that the connection names is used, or
// there is no session. Errors: kUnavailable, naming the property, the file and the reason.
Status CheckTlsFiles(const ConnectParams& params);

// The file of trusted roots that a login uses; empty: none is looked at.
std::string RootFile(const ConnectParams& params);

inline constexpr char kSystemRoots[] = "/etc/ssl/certs/ca-certificates.crt";

}  // namespace berth::session
