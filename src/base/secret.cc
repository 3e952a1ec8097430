#include "berth/secret.h"

#include <string.h>

#include <utility>

namespace berth {

void Wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // never allocates: the room is there
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
