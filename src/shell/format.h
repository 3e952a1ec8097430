#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "berth/rows.h"
#include "shell/output.h"

namespace berth::shell {

enum class OutputFormat : std::uint8_t { kTable, kJson, kCsv, kTsv, kPlain };
std::optional<OutputFormat> OutputFormatNamed(std::string_view name);

// Table only: one line a value instead of one line a row. kAuto: where the table is wider than the screen.
enum class Expanded : std::uint8_t { kOff, kOn, kAuto };

// Writes the rows of one result after the other to an Output: Begin, Row.., End. One thread at a time.
class Formatter {
 public:
  virtual ~Formatter() = default;
  // `columns` need not outlive the call.
  virtual void Begin(std::span<const Column> columns) = 0;
  virtual void Row(std::span<const Field> fields) = 0;
  virtual void End() = 0;
  // Instead of End: an error came after the rows so far. They are written, nothing that would call them complete is.
  virtual void Abandon() = 0;
};

struct FormatOptions {
  OutputFormat format = OutputFormat::kTable;
  Expanded expanded = Expanded::kOff;
  std::size_t screen_columns = 80;
};
std::unique_ptr<Formatter> MakeFormatter(const FormatOptions& options, Output& out);

}  // namespace berth::shell
