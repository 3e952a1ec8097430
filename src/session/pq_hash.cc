#include <string>

#include "base/strings.h"
#include "base/try.h"
#include "session/pq_library.h"
#include "session/pq_session.h"

namespace berth::session {

// Redshift takes md5 hashes (its sha256 ones are for clients that know its own login), PostgreSQL what it says.
Result<std::string> LibpqSession::HashPassword(const std::string& user, const Secret& password, Deadline deadline) {
  std::string algorithm = "md5";
  if (!server_.redshift) {
    BERTH_ASSIGN(const auto setting, Ask("SHOW password_encryption", deadline));
    if (setting == "scram-sha-256") algorithm = setting;
  }
  const std::string plain(password.Reveal());
  char* const hash = PQencryptPasswordConn(link_.conn.get(), plain.c_str(), user.c_str(), algorithm.c_str());
  if (hash == nullptr) {
    return Error{.code = ErrorCode::kInternal, .message = "the password cannot be hashed as " + algorithm};
  }
  std::string text = hash;
  PQfreemem(hash);
  return text;
}

}  // namespace berth::session
