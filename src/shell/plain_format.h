#pragma once

#include "shell/format.h"

namespace berth::shell {

// Values by tab, as they are: no header, no escapes, NULL is empty. For one value, or for values that are known to be
// tame.
class PlainFormat final : public Formatter {
 public:
  explicit PlainFormat(Output& out) : out_(out) {}
  void Begin(std::span<const Column>) override {}
  void Row(std::span<const Field> fields) override;
  void End() override {}
  void Abandon() override {}

 private:
  Output& out_;
};

}  // namespace berth::shell
