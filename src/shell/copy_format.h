#pragma once

#include <cstddef>
#include <string>

#include "shell/format.h"

namespace berth::shell {

struct CopyOptions {
  bool csv = false;
  bool header = false;
  char delimiter = '\t';  // csv: ','
  std::string null_text;  // text: \N
  char quote = '"';
  char escape = '"';
};

// COPY .. TO's formats, as the server writes them.
class CopyFormat final : public Formatter {
 public:
  CopyFormat(CopyOptions options, Output& out) : options_(std::move(options)), out_(out) {}
  void Begin(std::span<const Column> columns) override;
  void Row(std::span<const Field> fields) override;
  void End() override {}
  void Abandon() override {}

  std::size_t rows() const { return rows_; }

 private:
  void Text(std::string_view value);
  void Csv(std::string_view value, bool alone);

  CopyOptions options_;
  Output& out_;
  std::size_t rows_ = 0;
};

}  // namespace berth::shell
