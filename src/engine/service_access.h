#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "berth/engine.h"
#include "engine/shared.h"

namespace berth::engine {

// What a service asks of the catalog for each of its clients; see Engine.
Result<std::optional<AccessKeyFacts>> ReadAccessKey(const Shared& shared, std::string_view id);
Status NoteKeyUse(const Shared& shared, std::string_view id, Clock::Wall at);
Result<std::vector<GrantFacts>> ReadGrants(const Shared& shared);

}  // namespace berth::engine
