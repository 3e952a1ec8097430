#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace berth {

using TuningTime = std::chrono::milliseconds;
using TuningCount = std::int32_t;
using TuningText = std::string;

// The options of a connection that may be left to the program; nullopt: not given. bind/ reads them, the catalog stores
// them, engine/ obeys them.
struct ConnectionTuning {
#define BERTH_TUNING(name, member, type) std::optional<type> member{};
#include "berth/connection_tuning.def"
#undef BERTH_TUNING
  friend bool operator==(const ConnectionTuning&, const ConnectionTuning&) = default;
};

// Calls visit(name, pointer to the member) for each, in the order of the table.
template <class Visitor>
void ForEachTuning(Visitor&& visit) {
#define BERTH_TUNING(name, member, type) visit(std::string_view(name), &ConnectionTuning::member);
#include "berth/connection_tuning.def"
#undef BERTH_TUNING
}

}  // namespace berth
