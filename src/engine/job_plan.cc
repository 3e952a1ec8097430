#include "engine/job_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "bind/option_values.h"
#include "engine/job_texts.h"
#include "parser/parse.h"

namespace berth::engine {
namespace {

using parser::Option;
using parser::ValueForm;

Option OptionOf(std::string name, parser::Value value) {
  return {.name = {.name = std::move(name)}, .value = std::move(value)};
}

// What was kept as text, as options again.
std::vector<Option> KeptOptions(const catalog::JobPlan& plan) {
  if (plan.without_effect.empty()) return {};
  auto parsed = parser::Parse(fmt::format("ALTER JOB j SET {}", plan.without_effect));
  if (!parsed.ok()) return {};
  auto* const alter = std::get_if<parser::AlterJob>(&parsed.value());
  auto* const set = alter == nullptr ? nullptr : std::get_if<parser::AlterConnectionSet>(&alter->change);
  return set == nullptr ? std::vector<Option>() : std::move(set->options);
}

// "A = 1" a line; parser::Print knows how to write an option as a part of a statement only.
std::string TextOf(const std::vector<Option>& options) {
  if (options.empty()) return {};
  parser::AlterJob alter;
  alter.name.name = "j";
  alter.change = parser::AlterConnectionSet{.options = options};
  const auto text = parser::Print(alter, parser::PrintMode::kStable);
  return text.substr(text.find(" SET ") + 5);
}

void Keep(const std::vector<Option>& given, catalog::Job& job, const NoticeSink& notices) {
  if (given.empty()) return;
  auto kept = KeptOptions(job.plan);
  std::string names;
  for (const auto& option : given) {
    std::erase_if(kept, [&](const Option& old) { return old.name.name == option.name.name; });
    kept.push_back(option);
    names += (names.empty() ? "" : ", ") + option.name.name;
  }
  job.plan.without_effect = TextOf(kept);
  Tell(notices, "WARNING", fmt::format("{} {} no effect here", names, given.size() == 1 ? "has" : "have"), {},
       fmt::format("{} kept, so that the statement stays whole.", given.size() == 1 ? "It is" : "They are"));
}

}  // namespace

void ApplyPlan(const bind::JobOptions& options, catalog::Job& job, const NoticeSink& notices) {
  auto& plan = job.plan;
  if (options.run_interval) {
    plan.run_interval = *options.run_interval;
    plan.schedule.clear();
    plan.time_zone.clear();
  }
  if (options.schedule) {
    plan.schedule = *options.schedule;
    plan.run_interval = {};
  }
  if (options.time_zone) plan.time_zone = *options.time_zone;
  plan.auto_commit = options.auto_commit.value_or(plan.auto_commit);
  plan.run_timeout = options.run_timeout.value_or(plan.run_timeout);
  plan.retries = options.retries.value_or(plan.retries);
  plan.retry_delay = options.retry_delay.value_or(plan.retry_delay);
  Keep(options.without_effect, job, notices);
}

void UnsetInPlan(const parser::Identifier& option, catalog::Job& job) {
  auto& plan = job.plan;
  const catalog::JobPlan defaults;
  const auto& name = option.name;
  if (name == "COMMENT") job.comment.clear();
  if (name == "RUN_INTERVAL") plan.run_interval = defaults.run_interval;
  if (name == "SCHEDULE") plan.schedule.clear();
  if (name == "SCHEDULE" || name == "TIME_ZONE") plan.time_zone.clear();
  if (name == "AUTO_COMMIT") plan.auto_commit = defaults.auto_commit;
  if (name == "RUN_TIMEOUT") plan.run_timeout = defaults.run_timeout;
  if (name == "RETRIES") plan.retries = defaults.retries;
  if (name == "RETRY_DELAY") plan.retry_delay = defaults.retry_delay;
  if (!bind::IsWithoutEffect(name)) return;
  auto kept = KeptOptions(plan);
  std::erase_if(kept, [&](const Option& old) { return old.name.name == name; });
  plan.without_effect = TextOf(kept);
}

Status CheckPlan(const catalog::Job& job, SourceSpan name, const std::optional<SourceSpan>& body) {
  const auto refuse = [&](std::string message, std::string hint) {
    return Error{
        .code = ErrorCode::kInvalidArgument, .message = std::move(message), .hint = std::move(hint), .span = name};
  };
  if (!job.plan.time_zone.empty() && job.plan.schedule.empty()) {
    return refuse("TIME_ZONE goes with SCHEDULE", "A RUN_INTERVAL counts from midnight of UTC in any zone.");
  }
  if (job.plan.auto_commit && !job.script) {
    return refuse("AUTO_COMMIT is for scripts", "A single statement commits by itself. AS $$ .. $$ makes a script.");
  }
  auto checked = CheckBody(job.body, job.script, job.plan.auto_commit);
  if (checked.ok()) return {};
  Error error = std::move(checked).TakeError();
  if (error.span && body) {
    error.span->offset += body->offset;
  } else {
    error.span = name;
  }
  return error;
}

bool SameTimes(const catalog::JobPlan& a, const catalog::JobPlan& b) {
  return a.run_interval == b.run_interval && a.schedule == b.schedule && a.time_zone == b.time_zone;
}

void StartTicking(catalog::Job& job, Clock::Wall now) {
  job.ticked = job.plan.scheduled() ? std::optional(now) : std::nullopt;
}

std::vector<Option> OptionsOf(const catalog::JobPlan& plan) {
  std::vector<Option> options;
  const catalog::JobPlan defaults;
  const auto text = [&](std::string name, const std::string& value) {
    if (!value.empty()) options.push_back(OptionOf(std::move(name), {.form = ValueForm::kString, .text = value}));
  };
  const auto time = [&](std::string name, std::chrono::milliseconds value, std::chrono::milliseconds usual) {
    if (value != usual) options.push_back(OptionOf(std::move(name), bind::TimeValue(value)));
  };
  time("RUN_INTERVAL", plan.run_interval, defaults.run_interval);
  text("SCHEDULE", plan.schedule);
  text("TIME_ZONE", plan.time_zone);
  if (plan.auto_commit) options.push_back(OptionOf("AUTO_COMMIT", {.form = ValueForm::kBoolean, .text = "true"}));
  time("RUN_TIMEOUT", plan.run_timeout, defaults.run_timeout);
  if (plan.retries != defaults.retries) {
    options.push_back(OptionOf("RETRIES", {.form = ValueForm::kNumber, .text = std::to_string(plan.retries)}));
  }
  time("RETRY_DELAY", plan.retry_delay, defaults.retry_delay);
  for (auto& option : KeptOptions(plan)) options.push_back(std::move(option));
  return options;
}

}  // namespace berth::engine
