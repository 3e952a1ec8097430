#include "app/jobs_arguments.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "jobs/scheduler.h"
#include "parser/redact.h"

namespace berth::app {
namespace {

constexpr const char* kHelp =
    R"(berth jobs run [options]
Runs the catalog's jobs when they are due, as berth serve does, and nothing
else. Several of them on one catalog share the work: each tick is run once.

      --jobs N            that run at once (default: 4)
      --drain TIME        for running jobs at the end (default: 30s)
      --catalog URL       as for berth

SIGTERM and SIGINT stop it: no new runs, those that run have --drain.
)";

Error Usage(std::string message) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = std::move(message),
               .hint = "berth jobs --help says what there is."};
}

Status Interpret(const std::string& runs, const std::string& drain, JobsArguments& out) {
  if (!runs.empty()) {
    const auto [end, bad] = std::from_chars(runs.data(), runs.data() + runs.size(), out.runs);
    if (bad != std::errc() || end != runs.data() + runs.size() || out.runs < 1 || out.runs > jobs::kRunsMax)
      return Usage(fmt::format("--jobs takes a number from 1 to {}, not \"{}\"", jobs::kRunsMax, runs));
  }
  if (!drain.empty()) {
    const auto ms = base::ParseDurationMs(drain);
    if (!ms || *ms < 0) return Usage(fmt::format("--drain takes a time such as 0, 30s or 10m, not \"{}\"", drain));
    out.drain = std::chrono::milliseconds(*ms);
  }
  return {};
}

}  // namespace

Result<JobsArguments> ParseJobsArguments(int argc, const char* const* argv) {
  JobsArguments out;
  std::string verb, runs, drain;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", out.help);
  app.add_option("verb", verb);
  const std::pair<const char*, std::string*> texts[] = {
      {"--jobs", &runs}, {"--drain", &drain}, {"--catalog", &out.catalog}};
  for (const auto& [name, target] : texts) {
    app.add_option(name, *target)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  }
  try {
    app.parse(argc - 1, argv + 1);  // "jobs" stands for the program's name
  } catch (const CLI::Error& error) {
    return Usage(parser::Redact(error.what()).text);
  }
  if (out.help) return out;
  if (verb != "run") return Usage("berth jobs knows one command: run");
  BERTH_TRY(Interpret(runs, drain, out));
  return out;
}

const char* JobsHelpText() {
  return kHelp;
}

}  // namespace berth::app
