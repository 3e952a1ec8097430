#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "berth/deadline.h"
#include "berth/error.h"
#include "migrations/folder.h"
#include "migrations/parts.h"

namespace berth::migrations {

// What the history is told and tells, as texts.

Error ChangedSince(const File& file, std::string_view connection);
// A statement of a file without a transaction was sent, and nobody heard whether it was applied.
Error InDoubt(const File& file, const Part& part, std::int64_t statement);
std::string HistoryTime(Clock::Wall time);  // "2026-11-22 13:28:01.123", UTC

}  // namespace berth::migrations
