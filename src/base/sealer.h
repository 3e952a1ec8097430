#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "berth/error.h"
#include "berth/secret.h"

namespace berth::base {

// Seals texts with a key that it keeps to itself. Safe from many threads.
class Sealer {
 public:
  explicit Sealer(Secret key) : key_(std::move(key)) {}

  // What is opened must have been sealed for the same `associated` text.
  Result<std::string> Seal(std::string_view associated, std::string_view plain) const;
  // nullopt: another key, another `associated`, or the sealed text was touched.
  std::optional<std::string> Open(std::string_view associated, std::string_view sealed) const;

 private:
  const Secret key_;
};

}  // namespace berth::base
