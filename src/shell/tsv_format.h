#pragma once

#include "shell/format.h"

namespace berth::shell {

// The text format of COPY: tabs between values, \N for NULL, backslash escapes, no header.
class TsvFormat final : public Formatter {
 public:
  explicit TsvFormat(Output& out) : out_(out) {}
  void Begin(std::span<const Column>) override {}
  void Row(std::span<const Field> fields) override;
  void End() override {}
  void Abandon() override {}

 private:
  void Cell(std::string_view text);
  Output& out_;
};

}  // namespace berth::shell
