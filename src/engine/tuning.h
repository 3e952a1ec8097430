#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "berth/connection_tuning.h"
#include "berth/error.h"
#include "catalog/store.h"
#include "parser/ast.h"

namespace berth::engine {

// What `given` says replaces what `into` said; what it leaves out stays.
void Merge(const ConnectionTuning& given, ConnectionTuning& into);
// The names of the options in which the two differ.
std::vector<std::string> DifferencesOf(const ConnectionTuning& a, const ConnectionTuning& b);
// The option of that name goes back to its default; another name changes nothing.
void Unset(std::string_view name, ConnectionTuning& tuning);
// As SHOW CREATE CONNECTION writes them.
std::vector<parser::Option> OptionsOf(const ConnectionTuning& tuning);

// Whether a connection's numbers fit together and into its group: MIN_IDLE and RESERVED within the cap, RESERVED only
// in a group, and all reservations of the group within its cap. Errors: kInvalidArgument with the numbers, at `span`.
Status CheckShares(catalog::Transaction& transaction, const catalog::Connection& connection, parser::Span span);
// Whether a group of that cap has room for what its connections reserve.
Status CheckGroupCap(catalog::Transaction& transaction, const catalog::ConnectionGroup& group, parser::Span span);

}  // namespace berth::engine
