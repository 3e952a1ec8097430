#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "berth/rows.h"
#include "statements/warehouse_listing.h"

namespace berth::statements {

// Which member of a Field holds a value.
enum class FieldMember : std::uint8_t { kString, kLong, kDouble, kReal, kBoolean, kBlob };
FieldMember MemberOf(std::uint32_t type_oid);

// True: type_name of DescribeType is the server's own name; false: the type is not one of Redshift's, and only the
// server knows its name.
bool KnowsType(std::uint32_t type_oid);
// What the JDBC driver says of a type: type_name (empty if not known), precision, scale and the flags.
ColumnMetadata DescribeType(std::uint32_t type_oid, std::int32_t type_modifier);
// Of a column of a result: also its label, and nullable as of an expression.
ColumnMetadata DescribeColumn(const Column& column);

// A JSON array; `label` is left out where `with_label` is false, as DescribeTable has it.
std::string EncodeColumns(std::span<const ColumnMetadata> columns, bool with_label = true);

}  // namespace berth::statements
