#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "berth/deadline.h"
#include "berth/engine.h"
#include "berth/error.h"
#include "berth/secret.h"
#include "catalog/store.h"
#include "credentials/credential.h"
#include "credentials/credential_cache.h"

namespace berth::engine {

inline constexpr std::size_t kPasswordFileBytesMax = 64u << 10;  // 64 KiB

// The text of the file without its last line end. Refused: a path that is not absolute, a file that everyone may read,
// one that is no regular file, larger than kPasswordFileBytesMax, empty, or holding a NUL byte.
Result<Secret> ReadPasswordFile(const std::string& path);

// Resolves what the catalog says of a password into what a login needs. Safe from many threads.
class Passwords {
 public:
  Passwords(const Clock& clock, PasswordPrompt prompt) : clock_(clock), prompt_(std::move(prompt)) {}

  // At each login, on the thread that logs in. Errors: kUnauthenticated (28000) where the reference gives no password:
  // which variable, file or command, and why; the catalog's own for a sealed one.
  Result<credentials::Credential> Resolve(catalog::Transaction& transaction, const catalog::Connection& connection,
                                          Deadline deadline);
  // PASSWORD_NEXT, where there is one. Errors: as Resolve's.
  Result<std::optional<Secret>> ResolveNext(catalog::Transaction& transaction, const catalog::Connection& connection,
                                            Deadline deadline);
  // The version of a PASSWORD_NEXT that the server accepted and that could not be made the password then; 0: none.
  void NoteNextAccepted(std::int64_t connection_id, std::int64_t next_version);
  std::int64_t NextAccepted(std::int64_t connection_id);
  // PASSWORD = PROMPT: asks on the caller's thread, unless it was asked for this login before; other kinds: nothing to
  // do. Errors: kUnauthenticated, where nobody can be asked.
  Status AskIfNeeded(const catalog::Connection& connection);
  // The server refused it: it is asked for, or fetched, again.
  void Forget(std::int64_t connection_id);

 private:
  struct Prompted {
    std::int64_t login_version = -1;
    Secret password;
  };

  const Clock& clock_;
  const PasswordPrompt prompt_;         // may be null
  credentials::CredentialCache cache_;  // self-synchronised
  base::Mutex mutex_;
  std::map<std::int64_t, Prompted> prompted_ BERTH_GUARDED_BY(mutex_);
  std::map<std::int64_t, std::int64_t> next_accepted_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::engine
