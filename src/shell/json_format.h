#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shell/format.h"

namespace berth::shell {

// One array a result, one object a row and line. Integers, floats and booleans are native, numeric is a string (so that
// no reader rounds it), as are NaN and the infinities. A result that an error cut short stays an open array: no reader
// can take it for the whole.
class JsonFormat final : public Formatter {
 public:
  enum class Shape : std::uint8_t {
    kArray,
    kLines,  // one object a row and line, nothing around them: every line is whole whatever becomes of the rest
  };
  JsonFormat(Shape shape, Output& out) : shape_(shape), out_(out) {}
  void Begin(std::span<const Column> columns) override;
  void Row(std::span<const Field> fields) override;
  void End() override;
  void Abandon() override;

 private:
  Shape shape_;
  Output& out_;
  std::vector<std::string> keys_;  // ready to write: "name":
  std::vector<ValueKind> kinds_;
  bool first_row_ = true;
};

}  // namespace berth::shell
