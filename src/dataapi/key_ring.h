#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/secret.h"

namespace berth::dataapi {

// An access key, as the signature's check needs it.
struct AccessKey {
  std::string user;
  Secret secret;
  bool disabled = false;
  std::optional<Clock::Wall> expires_at;
};

// Where access keys are looked up. Safe from many threads.
class KeyRing {
 public:
  virtual ~KeyRing() = default;
  // nullopt: no such key. Errors: those of the catalog.
  virtual Result<std::optional<AccessKey>> Find(std::string_view key_id) = 0;
  // The key has signed a request; may be written down later, and not each time.
  virtual void Used(std::string_view key_id, Clock::Wall at) = 0;
};

}  // namespace berth::dataapi
