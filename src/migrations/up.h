#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "berth/error.h"
#include "migrations/survey.h"

namespace berth::migrations {

struct UpReport {
  std::vector<std::string> applied;  // scripts, in order
  std::size_t recorded = 0;          // parts that were done before and that the catalog did not know of
};

// Told before and after each file.
struct UpProgress {
  std::function<void(const File& file)> starts;
  std::function<void(const File& file, std::chrono::milliseconds took)> done;
};

// Drift among `states`, as one error that lists what to do about each; OK: there is none. kFailedPrecondition.
Status RefuseDrift(const std::vector<FileState>& states);

// Applies what is to be done of `states`, in order, each file as its parts say; the lock is the caller's to hold. The
// statements on the catalog are tried on a copy first, so that most mistakes are found before anything is sent. It
// stops at the first error, and what is done stays done. Safe to be killed at any moment: see Warehouse::Apply and
// Project::Survey.
Result<UpReport> Up(Project& project, const std::vector<FileState>& states, const UpProgress& progress);

// Parts that a warehouse's history knows and the catalog does not are recorded there; how many.
Result<std::size_t> RecordDone(Project& project, const std::vector<FileState>& states);

// The files that `up` would apply, in order.
std::vector<const FileState*> ToDo(const Project& project, const std::vector<FileState>& states);

}  // namespace berth::migrations
