#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "base/unique_fd.h"
#include "berth/deadline.h"
#include "berth/error.h"
#include "dataapi/caller.h"
#include "statements/statement_facts.h"

namespace berth::dataapi {

// Who ran what: one line of JSON when a statement was accepted and one when it has ended, and one for each request that
// was turned away at the door. The text itself is only written if that was asked for; its SHA-256 always is. Safe from
// many threads.
class AuditLog {
 public:
  struct Options {
    std::string path;
    bool with_text = false;
  };
  // Appends to the file, which is made with mode 0600. Errors: kInvalidArgument (it cannot be opened).
  static Result<std::unique_ptr<AuditLog>> Open(Options options, const Clock& clock);

  void Accepted(const Caller& caller, const statements::StatementFacts& facts);
  void Ended(const Caller& caller, const statements::StatementFacts& facts);
  void TurnedAway(std::string_view peer, std::string_view what, std::string_view why);
  // Opens the path again, for log rotation; where that fails the old file stays in use.
  Status Reopen();

 private:
  AuditLog(Options options, const Clock& clock, base::UniqueFd fd);
  void Write(std::string line);

  const Options options_;
  const Clock& clock_;
  base::Mutex mutex_;
  base::UniqueFd fd_ BERTH_GUARDED_BY(mutex_);
  bool complained_ BERTH_GUARDED_BY(mutex_) = false;  // a failed write is said once
};

}  // namespace berth::dataapi
