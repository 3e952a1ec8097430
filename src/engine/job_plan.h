#pragma once

#include <vector>

#include "berth/error.h"
#include "bind/job_options.h"
#include "catalog/records.h"
#include "engine/shared.h"
#include "parser/ast.h"

namespace berth::engine {

// What CREATE JOB and ALTER JOB .. SET say of when and how a job runs, put into its record. RUN_INTERVAL and SCHEDULE
// take each other's place. Options without effect are kept, and a warning says so.
void ApplyPlan(const bind::JobOptions& options, catalog::Job& job, const NoticeSink& notices);
// ALTER JOB .. UNSET: back to the default.
void UnsetInPlan(const parser::Identifier& option, catalog::Job& job);
// What is wrong with the whole, whichever option is to blame: TIME_ZONE without SCHEDULE, AUTO_COMMIT of what is no
// script; and what CheckBody refuses. Errors point at the job's name, or into the body at `body`.
Status CheckPlan(const catalog::Job& job, SourceSpan name, const std::optional<SourceSpan>& body);
bool SameTimes(const catalog::JobPlan& a, const catalog::JobPlan& b);
// A job whose schedule is new or begins again is due from now on.
void StartTicking(catalog::Job& job, Clock::Wall now);

// The options that differ from their defaults, as SHOW CREATE JOB prints them.
std::vector<parser::Option> OptionsOf(const catalog::JobPlan& plan);

}  // namespace berth::engine
