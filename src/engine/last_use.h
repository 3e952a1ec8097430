#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "catalog/store.h"
#include "engine/shared.h"

namespace berth::engine {

inline constexpr std::chrono::minutes kUseNotedEvery{1};
inline constexpr std::chrono::milliseconds kUseNoteWaitMax{100};

// Notes in the catalog that this program uses the connection: at a login, which takes longer than this, and at most
// once in kUseNotedEvery for a user, program and connection. `reading` is an open look at the catalog and ends here. It
// is a note: a catalog that cannot be written, or not within kUseNoteWaitMax, goes without it.
void NoteUse(const Shared& shared, std::int64_t connection_id, std::unique_ptr<catalog::Transaction> reading);

}  // namespace berth::engine
