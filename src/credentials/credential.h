#pragma once

#include <optional>
#include <string>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/secret.h"

namespace berth::credentials {

// What a login needs; some sources give a user name with the password, and a time when both end.
struct Credential {
  Secret password;
  std::string user;  // empty: USER_NAME counts
  std::optional<Clock::Wall> expires;
};

// Reads what a password command printed: the bare password on one line, or JSON as printed by
//   aws redshift get-cluster-credentials             {"DbUser", "DbPassword", "Expiration"}
//   aws redshift get-cluster-credentials-with-iam    the same and "NextRefreshTime"
//   aws redshift-serverless get-credentials          {"dbUser", "dbPassword", "expiration", ..}
//   aws secretsmanager get-secret-value              {"SecretString": "{\"username\", \"password\", ..}"}, or that
//   string alone.
// Errors: kUnauthenticated (28000): several lines, no JSON behind a '{', no password in it, expired at `now`. No error
// repeats what was printed.
Result<Credential> ReadCredential(const Secret& printed, Clock::Wall now);

}  // namespace berth::credentials
