#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "berth/error.h"
#include "engine/maintenance.h"
#include "migrations/survey.h"

namespace berth::migrations {

enum class ChangeKind : std::uint8_t { kMade, kAltered, kGone };

// What happens to an object of the catalog.
struct Change {
  ChangeKind change = ChangeKind::kMade;
  std::string kind, name;                  // "connection", "warehouse"
  std::vector<std::string> before, after;  // kAltered: the lines of its definition that differ
  std::vector<std::string> dependents;     // of a connection that is altered or gone: "table c.s.t", "job j"
};

struct PlannedFile {
  const FileState* state = nullptr;
  std::vector<Change> changes;
  std::vector<Part> sends;  // the parts that go to warehouses and are not done yet
};

// What `up` would do, file by file: the catalog's part was run on a copy. Nothing else is touched.
Result<std::vector<PlannedFile>> MakePlan(Project& project, const std::vector<FileState>& states);

// The changes that lead from one catalog to another.
std::vector<Change> Compare(const std::vector<engine::CatalogObject>& before,
                            const std::vector<engine::CatalogObject>& after);

// The statements that bring the live catalog to where the folder leads an empty one; none: it is there. Runs the
// catalog's part of every file on an empty catalog.
Result<std::vector<std::string>> Diff(Project& project);

}  // namespace berth::migrations
