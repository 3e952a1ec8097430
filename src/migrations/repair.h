#pragma once

#include <optional>
#include <string>
#include <vector>

#include "berth/error.h"
#include "migrations/survey.h"

namespace berth::migrations {

// What --assume says of a statement in doubt, and of a file that a warehouse knows nothing of.
enum class Assume : std::uint8_t { kApplied, kNotApplied };

// Brings the histories in line with the files, as Flyway's repair does: takes over the text of files that were changed,
// marks missing ones as deleted, records in the catalog what warehouses know to be done, and, where `assume` says which
// it is, settles what is in doubt. Nothing of a file is run. Returns what was done, a line each.
Result<std::vector<std::string>> Repair(Project& project, std::optional<Assume> assume);

}  // namespace berth::migrations
