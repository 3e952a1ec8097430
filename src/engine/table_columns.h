#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "parser/ast.h"
#include "session/session.h"

namespace berth::engine {

// What CREATE TABLE IF NOT EXISTS c.s.t compares: the names of columns. Types are the warehouse's own business.

// Those that stand in what follows the table's name, in its order, folded as names are; nullopt: it does not say them
// all (AS query without a list, LIKE).
std::optional<std::vector<std::string>> NamedColumns(std::string_view rest);

// Those of the table or view in the warehouse; empty: there is none.
Result<std::vector<std::string>> ColumnsInServer(session::Session& session, const parser::TableName& name,
                                                 Deadline deadline);

// "its columns: a is not there, b is not in the statement"; empty: they are the same, whatever their order and case.
std::string ColumnDifferences(const std::vector<std::string>& said, const std::vector<std::string>& there);

inline constexpr std::size_t kColumnDifferencesMax = 10;  // that are shown

}  // namespace berth::engine
