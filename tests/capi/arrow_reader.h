#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "capi/arrow_abi.h"

namespace berth::test {

// A reader of the Arrow C stream interface as the Arrow project documents it, for the tests: each value as text, "NULL"
// where there is none.
class ArrowReader {
 public:
  ArrowReader() = default;
  ArrowReader(const ArrowReader&) = delete;
  ArrowReader& operator=(const ArrowReader&) = delete;
  ~ArrowReader() {
    if (batch_.release != nullptr) batch_.release(&batch_);
    if (schema_.release != nullptr) schema_.release(&schema_);
    if (stream.release != nullptr) stream.release(&stream);
  }

  ArrowArrayStream stream{};

  void ReadSchema() {
    if (const int failed = stream.get_schema(&stream, &schema_); failed != 0) throw std::runtime_error(LastError());
  }
  // "name format" of each column.
  std::vector<std::string> Columns() const {
    std::vector<std::string> columns;
    for (std::int64_t i = 0; i < schema_.n_children; ++i)
      columns.push_back(std::string(schema_.children[i]->name) + " " + schema_.children[i]->format);
    return columns;
  }
  // Rows of the next batch; 0: the end.
  std::int64_t Next() {
    if (batch_.release != nullptr) batch_.release(&batch_);
    if (const int failed = stream.get_next(&stream, &batch_); failed != 0) throw std::runtime_error(LastError());
    return batch_.release == nullptr ? 0 : batch_.length;
  }
  const ArrowArray& batch() const { return batch_; }
  std::string LastError() {
    const char* const text = stream.get_last_error(&stream);
    return text == nullptr ? "" : text;
  }

  std::string Value(std::int64_t row, int column) const {
    const auto& array = *batch_.children[column];
    const std::string format = schema_.children[column]->format;
    if (array.buffers[0] != nullptr && !Bit(array, 0, row)) return "NULL";
    if (format == "b") return Bit(array, 1, row) ? "true" : "false";
    if (format == "s") return std::to_string(At<std::int16_t>(array, row));
    if (format == "i" || format == "tdD") return std::to_string(At<std::int32_t>(array, row));
    if (format == "f") return std::to_string(At<float>(array, row));
    if (format == "g") return std::to_string(At<double>(array, row));
    if (format == "u") {
      const auto* const text = static_cast<const char*>(array.buffers[2]);
      const auto begin = At<std::int32_t>(array, row);
      return {text + begin, text + At<std::int32_t>(array, row + 1)};
    }
    if (format[0] == 'd') {  // the low half, and the high one where it is not its sign alone
      const auto low = At<std::int64_t>(array, 2 * row);
      const auto high = At<std::int64_t>(array, 2 * row + 1);
      return (high == (low < 0 ? -1 : 0) ? "" : std::to_string(high) + ":") + std::to_string(low);
    }
    return std::to_string(At<std::int64_t>(array, row));
  }

 private:
  static bool Bit(const ArrowArray& array, int buffer, std::int64_t row) {
    const auto* const bits = static_cast<const std::uint8_t*>(array.buffers[buffer]);
    return (bits[row / 8] >> (row % 8) & 1) != 0;
  }
  template <class T>
  static T At(const ArrowArray& array, std::int64_t index) {
    return static_cast<const T*>(array.buffers[1])[index];
  }

  ArrowSchema schema_{};
  ArrowArray batch_{};
};

}  // namespace berth::test
