#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "child.h"

namespace berth::test {

// What psql writes to standard output for a script on the shared server: -X and -q, so that no tags are among the
// results.
std::string PsqlOutput(const std::string& script, const std::vector<std::string>& more_arguments = {});
// The same of `berth -C etl -f -`.
std::string BerthOutput(const Home& home, const std::string& script,
                        const std::vector<std::string>& more_arguments = {});

}  // namespace berth::test
