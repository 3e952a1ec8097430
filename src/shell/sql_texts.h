#pragma once

#include <string_view>

namespace berth::shell {

// The text of sql/redshift/shell/<name>, built in. The name is a literal of this code: one that is not there is a bug
// and aborts.
std::string_view SqlText(std::string_view name);

}  // namespace berth::shell
