#pragma once

#include <string>
#include <string_view>

namespace berth {

// A string that cannot be printed by accident: no stream operator, no formatter, no comparison. Reveal() is the one way
// out, so every place that reads a password is one search away (tests/tidy names the layers that may). The bytes are
// wiped when it dies and when it is moved from.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) noexcept;
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  bool empty() const noexcept { return value_.empty(); }
  std::string_view Reveal() const noexcept { return value_; }

 private:
  std::string value_;
};

// Overwrites the bytes of `text`, its spare capacity included, and empties it.
void Wipe(std::string& text) noexcept;

}  // namespace berth
