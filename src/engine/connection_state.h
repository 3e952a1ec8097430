#pragma once

#include <string_view>

#include "catalog/store.h"
#include "engine/shared.h"

namespace berth::engine {

bool IsPaused(const Shared& shared, const catalog::Connection& connection);

// Three refused passwords over all processes: no process tries another one before the login changes or RESUME.
bool IsSuspended(const Shared& shared, const catalog::Connection& connection);

// "open", "paused" or "suspended"; a pause is told first, because RESUME ends both.
std::string_view ConnectionState(const Shared& shared, const catalog::Connection& connection);

}  // namespace berth::engine
