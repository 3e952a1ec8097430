#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "catalog/records.h"

namespace berth::engine {

// Why a connection cannot be dropped. The first line is fixed (DESIGN "Messages that are fixed"): `Cannot delete
// connection due to usages: <tables> <jobs>`, the first 1,000 of each; DETAIL names each dependent with its role and
// state.
Error UsagesError(const std::string& connection, const catalog::Dependents& dependents, SourceSpan span);

// Why a table's record cannot go: jobs use the table. `verb`: "drop", "detach".
Error TableInUseError(std::string_view verb, const std::string& table, const std::vector<catalog::DependentJob>& jobs,
                      SourceSpan span);

inline constexpr std::size_t kUsagesShownMax = 1'000;  // of tables, and of jobs

std::string_view TableStateName(catalog::TableState state, bool attached);
// "schema.table", each quoted where needed.
std::string TwoPartName(const std::string& schema, const std::string& table);

}  // namespace berth::engine
