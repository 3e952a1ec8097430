#pragma once

#include <string>
#include <vector>

#include "migrations/judge.h"
#include "migrations/plan.h"
#include "shell/format.h"
#include "shell/output.h"

namespace berth::app {

// One row a file. Columns: version, description, state, parts done, installed_on, installed_by, script.
void WriteStatus(const std::vector<migrations::FileState>& states, shell::OutputFormat format, shell::Output& out);
// What is wrong and what to do, a paragraph a file.
std::string DriftText(const std::vector<migrations::FileState>& states);
std::string PlanText(const std::vector<migrations::PlannedFile>& plan);

}  // namespace berth::app
