#pragma once

#include <functional>
#include <string_view>

#include "dependents/mention.h"

namespace berth::dependents {

// The tables of one statement by its tokens: the names after FROM, JOIN, INTO, USING, UPDATE, COPY, TABLE and their
// like. For what PostgreSQL's grammar does not read: COPY and UNLOAD as Redshift has them, DISTSTYLE, QUALIFY, TOP .. A
// CTE's name is no table, nor is a function's, nor what stands after the FROM of EXTRACT and TRIM. UNLOAD's quoted
// query is given to `read_query`, and its tables count as read. Every other mention is kScanned.
StatementTables ReadByTokens(std::string_view statement, bool backslash_escapes,
                             const std::function<StatementTables(std::string_view)>& read_query);

}  // namespace berth::dependents
