#pragma once

#include <string>
#include <vector>

#include "shell/format.h"

namespace berth::shell {

// psql's unaligned output: values as they are with a separator between them, names above, "(n rows)" below.
class UnalignedFormat final : public Formatter {
 public:
  UnalignedFormat(FormatOptions options, Output& out) : options_(std::move(options)), out_(out) {}
  void Begin(std::span<const Column> columns) override;
  void Row(std::span<const Field> fields) override;
  void End() override;
  void Abandon() override;

 private:
  bool expanded() const { return options_.expanded == Expanded::kOn; }
  void RowOfLines(std::span<const Field> fields);

  FormatOptions options_;
  Output& out_;
  std::vector<std::string> names_;
  std::size_t rows_ = 0;
};

}  // namespace berth::shell
