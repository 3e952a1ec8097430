#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "dependents/mention.h"

namespace berth::dependents {

inline constexpr std::size_t kGrammarBytesMax = 64u << 10;  // 64 KiB a statement; longer ones are scanned

// The tables of one statement as PostgreSQL's grammar has them: joins, subqueries, CTEs by scope (a CTE's name is no
// table), MERGE, COPY. nullopt: the grammar refuses the text, or it is longer than kGrammarBytesMax. Only home of
// libpg-query. Safe from many threads.
std::optional<StatementTables> ReadByGrammar(std::string_view statement);

}  // namespace berth::dependents
