#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "parser/words.h"

namespace berth::parser {

// The statements of the design that this version does not have yet, and Upsolver's for other warehouses; one table. And
// the one that EXPLAIN has not.
std::optional<Error> NotSupportedYet(const std::vector<Word>& words);

// The table, for tests. [A B] may be left out, A|B is one of them.
std::span<const std::string_view> NotSupportedForms();

}  // namespace berth::parser
