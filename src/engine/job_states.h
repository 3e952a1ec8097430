#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/records.h"
#include "engine/shared.h"

namespace berth::engine {

// A job as people are told of it: "created", "scheduled", "paused", "running", "lives elsewhere", and, where its last
// run failed, ", last run failed".
std::string JobStateText(const catalog::DependentJob& job);
std::string JobStateText(const catalog::Job& job);
// "every 15 min", "0 6 * * * Europe/Berlin"; nullopt: only RUN JOB runs it.
std::optional<std::string> JobScheduleText(const catalog::JobPlan& plan);
// When it is due next; nullopt: never, it is paused, or it runs only when it is told to.
std::optional<Clock::Wall> NextRun(const catalog::Job& job, Clock::Wall now);

// Of runs that are recorded as open: those whose process is gone are shown as what they are, also while nobody has
// recorded it yet.
void SeeCutOff(const Shared& shared, std::vector<catalog::DependentJob>& jobs);
void SeeCutOff(const Shared& shared, catalog::JobRun& run);

}  // namespace berth::engine
