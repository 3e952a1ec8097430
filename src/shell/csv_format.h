#pragma once

#include <string>
#include <vector>

#include "shell/format.h"

namespace berth::shell {

// RFC 4180 with a header and, as psql --csv, plain newlines. NULL is empty (or what \pset null says), the empty string
// is "".
class CsvFormat final : public Formatter {
 public:
  CsvFormat(FormatOptions options, Output& out) : options_(std::move(options)), out_(out) {}
  void Begin(std::span<const Column> columns) override;
  void Row(std::span<const Field> fields) override;
  void End() override {}
  void Abandon() override {}

 private:
  void Value(const Field& field);
  void Cell(std::string_view text);

  FormatOptions options_;
  Output& out_;
  std::vector<std::string> names_;  // expanded only
};

}  // namespace berth::shell
