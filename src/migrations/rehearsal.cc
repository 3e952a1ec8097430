#include "migrations/rehearsal.h"

#include <errno.h>
#include <fmt/core.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/try.h"

namespace berth::migrations {

Result<std::unique_ptr<CatalogCopy>> CatalogCopy::Make(Engine* engine, const Clock& clock) {
  std::error_code failure;
  auto pattern = (std::filesystem::temp_directory_path(failure) / "berth-copy-XXXXXX").string();
  if (failure || ::mkdtemp(pattern.data()) == nullptr) {  // mode 0700: the copy holds sealed passwords
    return Error{.code = ErrorCode::kCatalogUnavailable,
                 .message = fmt::format("no folder can be made for a copy of the catalog: {}",
                                        failure ? failure.message() : std::generic_category().message(errno)),
                 .hint = "TMPDIR names the folder for temporary ones."};
  }
  std::unique_ptr<CatalogCopy> copy(new CatalogCopy(pattern));
  if (engine != nullptr) BERTH_TRY(engine::MaintenanceOf(*engine).CopyCatalog(copy->folder_));
  BERTH_ASSIGN(copy->engine_,
               Engine::Open({.catalog_uri = "sqlite:" + copy->folder_ + "/catalog.db", .clock = &clock}));
  return copy;
}

CatalogCopy::~CatalogCopy() {
  engine_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Status CatalogCopy::Run(const FileState& state, const std::vector<Part>& parts) {
  BERTH_ASSIGN(const auto unit, maintenance().Begin(nullptr, Deadline::Never()));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool done = i < state.parts.size() && state.parts[i].done;
    if (parts[i].catalog() && !done) BERTH_TRY(RunOnCatalog(*unit, *state.file, parts[i]));
  }
  return unit->Commit();
}

Status RunOnCatalog(engine::CatalogUnit& unit, const File& file, const Part& part) {
  for (const auto& step : part.steps) {
    auto ran = step.kind == Step::Kind::kRecord ? unit.RecordTable(step.work, step.table)
                                                : unit.Execute(step.statement.value());
    if (!ran.ok()) return AtLine(std::move(ran).TakeError(), file.script, step.line);
  }
  return {};
}

Status Rehearse(Project& project, const std::vector<const FileState*>& files) {
  std::unique_ptr<CatalogCopy> copy;
  for (const auto* const state : files) {
    BERTH_ASSIGN(const auto* const parts, project.PartsOf(*state->file));
    if (std::ranges::none_of(*parts, &Part::catalog)) continue;
    if (copy == nullptr) {
      BERTH_ASSIGN(copy, CatalogCopy::Make(&project.engine(), project.clock()));
    }
    BERTH_TRY(copy->Run(*state, *parts));
  }
  return {};
}

}  // namespace berth::migrations
