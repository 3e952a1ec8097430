#include "capi/arrow_type.h"

namespace berth::capi {
namespace {

constexpr std::int32_t kPrecisionMax = 38;  // of a decimal128

// A NUMERIC's modifier is (precision << 16 | scale) + 4; -1: neither was given, and each value has its own.
ArrowType DecimalOf(std::int32_t modifier) {
  if (modifier < 4) return {};
  const auto precision = ((modifier - 4) >> 16) & 0xFFFF;
  const auto scale = (modifier - 4) & 0xFFFF;
  if (precision < 1 || precision > kPrecisionMax || scale > precision) return {};  // PostgreSQL knows scales below 0
  return {.kind = ArrowKind::kDecimal, .precision = precision, .scale = scale};
}

}  // namespace

ArrowType ArrowTypeOf(const Column& column) {
  switch (column.type_oid) {  // as PostgreSQL and Redshift number them
    case 16:
      return {.kind = ArrowKind::kBoolean};
    case 20:
      return {.kind = ArrowKind::kInt64};
    case 21:
      return {.kind = ArrowKind::kInt16};
    case 23:
      return {.kind = ArrowKind::kInt32};
    case 700:
      return {.kind = ArrowKind::kFloat};
    case 701:
      return {.kind = ArrowKind::kDouble};
    case 1082:
      return {.kind = ArrowKind::kDate};
    case 1114:
      return {.kind = ArrowKind::kTimestamp};
    case 1184:
      return {.kind = ArrowKind::kTimestampTz};
    case 1700:
      return DecimalOf(column.type_modifier);
    default:
      return {};
  }
}

std::string FormatOf(const ArrowType& type) {
  switch (type.kind) {
    case ArrowKind::kBoolean:
      return "b";
    case ArrowKind::kInt16:
      return "s";
    case ArrowKind::kInt32:
      return "i";
    case ArrowKind::kInt64:
      return "l";
    case ArrowKind::kFloat:
      return "f";
    case ArrowKind::kDouble:
      return "g";
    case ArrowKind::kDate:
      return "tdD";
    case ArrowKind::kTimestamp:
      return "tsu:";
    case ArrowKind::kTimestampTz:
      return "tsu:UTC";
    case ArrowKind::kDecimal:
      return "d:" + std::to_string(type.precision) + "," + std::to_string(type.scale);
    case ArrowKind::kUtf8:
      return "u";
  }
  return "u";
}

}  // namespace berth::capi
