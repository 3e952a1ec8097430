#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "berth/error.h"
#include "berth/secret.h"

namespace berth::base {

// Seals texts with the first of its keys, which it keeps to itself, and opens what any of them has sealed. Safe from
// many threads.
class Sealer {
 public:
  // At least one key.
  explicit Sealer(std::vector<Secret> keys) : keys_(std::move(keys)) {}

  // What is opened must have been sealed for the same `associated` text.
  Result<std::string> Seal(std::string_view associated, std::string_view plain) const;
  // nullopt: another key than those, another `associated`, or the sealed text was touched.
  std::optional<std::string> Open(std::string_view associated, std::string_view sealed) const;

 private:
  const std::vector<Secret> keys_;
};

}  // namespace berth::base
