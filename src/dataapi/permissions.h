#pragma once

#include <optional>
#include <string_view>

#include "statements/submit_request.h"

namespace berth::dataapi {

// Who may use which connection. Safe from many threads.
class Permissions {
 public:
  virtual ~Permissions() = default;
  // With what limits the user may use the connection; nullopt: he may not.
  virtual std::optional<statements::CallerLimits> MayUse(std::string_view user, std::string_view connection) = 0;
};

// Everything to everybody: for --auth none.
class AllPermitted final : public Permissions {
 public:
  std::optional<statements::CallerLimits> MayUse(std::string_view, std::string_view) override {
    return statements::CallerLimits{};
  }
};

}  // namespace berth::dataapi
