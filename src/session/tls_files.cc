#include "session/tls_files.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "base/try.h"

namespace berth::session {
namespace {

Status CheckFile(const ConnectParams& params, std::string_view property, const std::string& path) {
  if (path.empty() || ::access(path.c_str(), R_OK) == 0) return {};
  return Error{.code = ErrorCode::kUnavailable,
               .message = fmt::format("no TLS with {}:{}: {} {} cannot be read: {}", params.host, params.port, property,
                                      path, std::generic_category().message(errno)),
               .hint = fmt::format("Put the file there, readable by the user of this process, or change {} in "
                                   "CONNECTION_STRING.",
                                   property),
               .session_fate = SessionFate::kDiscard};
}

}  // namespace

Status CheckTlsFiles(const ConnectParams& params) {
  if (params.sslmode == "disable") return {};
  BERTH_TRY(CheckFile(params, "sslrootcert", params.sslrootcert));
  BERTH_TRY(CheckFile(params, "sslcert", params.sslcert));
  return CheckFile(params, "sslkey", params.sslkey);
}

std::string RootFile(const ConnectParams& params) {
  if (!params.sslrootcert.empty()) return params.sslrootcert;
  return params.sslmode.starts_with("verify") ? kSystemRoots : "";
}

}  // namespace berth::session
