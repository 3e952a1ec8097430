#include "statements/column_metadata.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "statements/json_text.h"

namespace berth::statements {
namespace {

constexpr std::int64_t kUnlimited = 2147483647;
constexpr std::int32_t kHeaderSize = 4;  // what type modifiers count besides the length

enum class Size : std::uint8_t { kFixed, kModifier, kNumeric };

struct Type {
  std::uint32_t oid;
  std::string_view name;
  FieldMember member;
  std::int64_t precision;
  std::int64_t scale;
  bool is_signed;
  bool is_case_sensitive;
  Size size = Size::kFixed;
};

// By oid. The types of Redshift and those of PostgreSQL that a Redshift driver knows.
constexpr auto kTypes = std::to_array<Type>({
    {16, "bool", FieldMember::kBoolean, 1, 0, false, false},
    {17, "bytea", FieldMember::kBlob, kUnlimited, 0, false, true},
    {18, "char", FieldMember::kString, 1, 0, false, true},
    {19, "name", FieldMember::kString, 64, 0, false, true},
    {20, "int8", FieldMember::kLong, 19, 0, true, false},
    {21, "int2", FieldMember::kLong, 5, 0, true, false},
    {23, "int4", FieldMember::kLong, 10, 0, true, false},
    {25, "text", FieldMember::kString, kUnlimited, 0, false, true},
    {26, "oid", FieldMember::kLong, 10, 0, false, false},
    {27, "tid", FieldMember::kString, kUnlimited, 0, false, true},
    {28, "xid", FieldMember::kLong, 19, 0, false, true},
    {114, "json", FieldMember::kString, kUnlimited, 0, false, true},
    {700, "float4", FieldMember::kReal, 8, 8, true, false},
    {701, "float8", FieldMember::kDouble, 17, 17, true, false},
    {702, "abstime", FieldMember::kString, kUnlimited, 0, false, true},
    {705, "unknown", FieldMember::kString, kUnlimited, 0, false, true},
    {790, "money", FieldMember::kString, kUnlimited, 0, true, false},
    {1042, "bpchar", FieldMember::kString, kUnlimited, 0, false, true, Size::kModifier},
    {1043, "varchar", FieldMember::kString, kUnlimited, 0, false, true, Size::kModifier},
    {1082, "date", FieldMember::kString, 13, 0, false, false},
    {1083, "time", FieldMember::kString, 15, 6, false, false},
    {1114, "timestamp", FieldMember::kString, 29, 6, false, false},
    {1184, "timestamptz", FieldMember::kString, 35, 6, false, false},
    {1186, "interval", FieldMember::kString, 49, 6, false, false},
    {1188, "intervaly2m", FieldMember::kString, 49, 0, false, false},
    {1190, "intervald2s", FieldMember::kString, 49, 0, false, false},
    {1266, "timetz", FieldMember::kString, 21, 6, false, false},
    {1700, "numeric", FieldMember::kString, 0, 0, true, false, Size::kNumeric},
    {2935, "hllsketch", FieldMember::kString, kUnlimited, 0, false, true},
    {2950, "uuid", FieldMember::kString, kUnlimited, 0, false, true},
    {3000, "geometry", FieldMember::kString, kUnlimited, 0, false, true},
    {3001, "geography", FieldMember::kString, kUnlimited, 0, false, false},
    {3802, "jsonb", FieldMember::kString, kUnlimited, 0, false, true},
    {3999, "geometry", FieldMember::kString, kUnlimited, 0, false, true},
    {4000, "super", FieldMember::kString, kUnlimited, 0, false, true},
    {6551, "varbyte", FieldMember::kString, kUnlimited, 0, false, true, Size::kModifier},
});

const Type* Find(std::uint32_t oid) {
  const auto* found = std::lower_bound(kTypes.begin(), kTypes.end(), oid,
                                       [](const Type& type, std::uint32_t x) { return type.oid < x; });
  return found != kTypes.end() && found->oid == oid ? found : nullptr;
}

}  // namespace

FieldMember MemberOf(std::uint32_t type_oid) {
  const auto* type = Find(type_oid);
  return type == nullptr ? FieldMember::kString : type->member;
}

bool KnowsType(std::uint32_t type_oid) {
  return Find(type_oid) != nullptr;
}

ColumnMetadata DescribeType(std::uint32_t type_oid, std::int32_t type_modifier) {
  ColumnMetadata metadata;
  const auto* type = Find(type_oid);
  if (type == nullptr) {
    metadata.precision = kUnlimited;
    metadata.is_case_sensitive = true;
    return metadata;
  }
  metadata.type_name = type->name;
  metadata.precision = type->precision;
  metadata.scale = type->scale;
  metadata.is_signed = type->is_signed;
  metadata.is_case_sensitive = type->is_case_sensitive;
  metadata.is_currency = type->name == "money";
  if (type_modifier < kHeaderSize) return metadata;
  const auto modifier = type_modifier - kHeaderSize;
  if (type->size == Size::kModifier) metadata.precision = modifier;
  if (type->size == Size::kNumeric) {
    metadata.precision = modifier / 65536;
    metadata.scale = modifier % 65536;
  }
  return metadata;
}

ColumnMetadata DescribeColumn(const Column& column) {
  auto metadata = DescribeType(column.type_oid, column.type_modifier);
  metadata.name = column.name;
  metadata.label = column.name;
  return metadata;
}

std::string EncodeColumns(std::span<const ColumnMetadata> columns, bool with_label) {
  std::string json = "[";
  const auto text = [&json](std::string_view name, std::string_view value) {
    json.append(",\"").append(name).append("\":");
    AppendJsonString(json, value);
  };
  for (const auto& column : columns) {
    if (json.size() > 1) json += ',';
    json += fmt::format(R"({{"isCaseSensitive":{},"isCurrency":{},"isSigned":{})", column.is_case_sensitive,
                        column.is_currency, column.is_signed);
    if (with_label) text("label", column.label);
    text("name", column.name);
    json += fmt::format(R"(,"nullable":{},"precision":{},"scale":{})", column.nullable, column.precision, column.scale);
    text("schemaName", column.schema_name);
    text("tableName", column.table_name);
    text("typeName", column.type_name);
    json += fmt::format(R"(,"length":{})", column.length);
    if (column.column_default) text("columnDefault", *column.column_default);
    json += '}';
  }
  return json += ']';
}

}  // namespace berth::statements
