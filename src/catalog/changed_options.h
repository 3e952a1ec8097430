#pragma once

#include <string>

#include "catalog/records.h"

namespace berth::catalog {

// The options in which the two differ, by their names in statements, with commas: for the history. `password`: one was
// given. Never a value.
std::string ChangedOptions(const Connection& before, const Connection& after, bool password);
std::string ChangedOptions(const ConnectionGroup& before, const ConnectionGroup& after);
std::string ChangedOptions(const Job& before, const Job& after);

}  // namespace berth::catalog
