#include "berth/secret.h"

#include <string.h>

#include <utility>

namespace berth {

void Wipe(std::string& text) noexcept {
  // Never allocates: the room is there.
  text.resize(text.capacity());  // NOLINT(clang-analyzer-cplusplus.Move): one moved from may hold its bytes yet
  explicit_bzero(text.data(), text.size());
  text.clear();
}

Secret::Secret(std::string value) noexcept : value_(std::move(value)) {
  Wipe(value);
}

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
  Wipe(other.value_);
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    Wipe(value_);
    value_ = other.value_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe(value_);
    value_ = std::move(other.value_);
    Wipe(other.value_);
  }
  return *this;
}

Secret::~Secret() {
  Wipe(value_);
}

}  // namespace berth
