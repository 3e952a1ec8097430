#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <variant>

#include "base/mutex.h"
#include "berth/deadline.h"
#include "dataapi/caller.h"
#include "dataapi/http_message.h"
#include "dataapi/key_ring.h"
#include "dataapi/refusal.h"
#include "dataapi/signature.h"

namespace berth::dataapi {

// Lets requests in: by their signature or, where nobody signs, by the name they call this service, because a web page
// that a browser shows can send requests to the loopback too, but under the page's own host name. Safe from many
// threads.
class Gate {
 public:
  // `keys` nullptr: nobody signs. It must outlive the gate.
  Gate(KeyRing* keys, const Clock& clock) : keys_(keys), clock_(clock) {}

  std::variant<Caller, Refusal> Admit(const HttpRequest& request);

 private:
  std::variant<Caller, Refusal> AdmitSigned(const HttpRequest& request);
  // Deriving one costs four hashes; most requests are of the same key, day and region.
  Secret SigningKeyOf(const SignatureClaim& claim, const AccessKey& key);

  static constexpr std::size_t kSigningKeysMax = 1000;  // kept; then they are forgotten and made again

  KeyRing* const keys_;
  const Clock& clock_;
  base::Mutex mutex_;
  std::map<std::tuple<std::string, std::string, std::string>, Secret> signing_keys_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::dataapi
