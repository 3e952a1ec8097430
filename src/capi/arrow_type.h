#pragma once

#include <cstdint>
#include <string>

#include "berth/rows.h"

namespace berth::capi {

enum class ArrowKind : std::uint8_t {
  kBoolean,
  kInt16,
  kInt32,
  kInt64,
  kFloat,
  kDouble,
  kDate,         // days since 1970 in 32 bits
  kTimestamp,    // microseconds since 1970 in 64 bits, without a zone
  kTimestampTz,  // as above, in UTC
  kDecimal,      // 128 bits
  kUtf8,
};

struct ArrowType {
  ArrowKind kind = ArrowKind::kUtf8;
  std::int32_t precision = 0, scale = 0;  // kDecimal
};

// What a column of the server becomes; whatever has no certain place is kUtf8.
ArrowType ArrowTypeOf(const Column& column);
// "i", "tsu:UTC", "d:12,2" ..: the Arrow C data interface's words.
std::string FormatOf(const ArrowType& type);

}  // namespace berth::capi
