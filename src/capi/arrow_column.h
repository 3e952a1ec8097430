#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "berth/rows.h"
#include "capi/arrow_abi.h"
#include "capi/arrow_type.h"
#include "capi/bytes.h"

namespace berth::capi {

// One column of a batch while it is gathered. One thread at a time.
class ArrowColumn {
 public:
  explicit ArrowColumn(const ArrowType& type) : type_(type) {}

  // False: the text has no place in its type; nothing was added then.
  bool Add(const Field& field);
  std::size_t bytes() const { return values_.size(); }
  const ArrowType& type() const { return type_; }
  // Moves what was gathered into `out`, which owns it; the column is empty afterwards.
  void Export(ArrowArray* out);

 private:
  template <class T>
  bool Push(T value);
  bool AddValue(std::string_view text);
  bool AddText(std::string_view text);
  void AddNull();
  template <class Bits>
  void SetBit(Bits& bits, bool on) const;

  ArrowType type_;
  std::int64_t length_ = 0;
  std::int64_t nulls_ = 0;
  std::vector<std::uint8_t> valid_;  // bits, from the first NULL on; before that all have a value
  Bytes values_;
  Bytes offsets_;  // kUtf8: 32 bits each
};

}  // namespace berth::capi
