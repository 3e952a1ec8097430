#pragma once

#include "shell/format.h"

namespace berth::shell {

// RFC 4180 with a header and, as psql --csv, plain newlines. NULL is empty, the empty string is "".
class CsvFormat final : public Formatter {
 public:
  explicit CsvFormat(Output& out) : out_(out) {}
  void Begin(std::span<const Column> columns) override;
  void Row(std::span<const Field> fields) override;
  void End() override {}
  void Abandon() override {}

 private:
  void Cell(std::string_view text);
  Output& out_;
};

}  // namespace berth::shell
