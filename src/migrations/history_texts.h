#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/rows.h"
#include "migrations/folder.h"
#include "migrations/parts.h"

namespace berth::migrations {

// What the history is told and tells, as texts.

Error ChangedSince(const File& file, std::string_view connection);
// A statement of a file without a transaction was sent, and nobody heard whether it was applied.
Error InDoubt(const File& file, const Part& part, std::int64_t statement);
std::string HistoryTime(Clock::Wall time);  // "2026-11-22 13:28:01.123", UTC
// `sql` with literals in place of $1, $2 .., so that it can be one of several statements that go out together. None
// where a value holds a backslash, which Redshift's literals and PostgreSQL's do not read alike.
std::optional<std::string> WithLiterals(std::string_view sql, Parameters values);

}  // namespace berth::migrations
