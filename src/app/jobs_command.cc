#include "app/jobs_command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "app/hide_secrets.h"
#include "app/jobs_arguments.h"
#include "app/places.h"
#include "app/signals.h"
#include "base/log.h"
#include "berth/engine.h"
#include "engine/job_work.h"
#include "jobs/scheduler.h"
#include "shell/error_text.h"
#include "shell/output.h"

namespace berth::app {
namespace {

constexpr int kUsage = 2;
constexpr int kNoCatalog = 3;

void Print(int fd, std::string_view text) {
  shell::Output out(fd);
  out.Append(text);
}

int Refuse(const Error& error, int status) {
  Print(STDERR_FILENO, shell::ErrorText(error));
  return status;
}

}  // namespace

int Jobs(int argc, char** argv) {
  const Signals signals;
  const auto parsed = ParseJobsArguments(argc, argv);
  HideSecrets(argc, argv);
  if (!parsed.ok()) return Refuse(parsed.error(), kUsage);
  const auto& arguments = parsed.value();
  if (arguments.help) {
    Print(STDOUT_FILENO, JobsHelpText());
    return 0;
  }
  EngineOptions options;
  options.program = "berth jobs";
  options.catalog_uri = !arguments.catalog.empty() ? arguments.catalog : Environment("BERTH_CATALOG");
  if (options.catalog_uri.empty()) options.catalog_uri = DefaultCatalog();
  options.key_file = Environment("BERTH_KEY_FILE");
  const auto engine = Engine::Open(std::move(options));
  if (!engine.ok()) return Refuse(engine.error(), kNoCatalog);
  log::SetLevel(log::Level::kInfo);  // each run is a line
  const auto scheduler =
      jobs::Scheduler::Start(engine::JobWorkOf(*engine.value()), {.runs_max = arguments.runs}, Clock::System());
  Print(STDERR_FILENO, fmt::format("berth runs the jobs of {}\n", engine.value()->CatalogName()));
  signals.Next();
  Print(STDERR_FILENO, fmt::format("berth stops: running jobs have {} s\n", arguments.drain.count() / 1'000));
  scheduler->Stop(Deadline::After(Clock::System(), arguments.drain));
  return 0;
}

}  // namespace berth::app
