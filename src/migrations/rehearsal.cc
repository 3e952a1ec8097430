#include "migrations/rehearsal.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/try.h"

namespace berth::migrations {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "berth-rehearsal-";
constexpr int kFolderTries = 3;  // another process may take one that is not locked yet for abandoned

// A lock that falls with its process; none where somebody else has it.
base::UniqueFd LockFolder(const fs::path& folder) {
  base::UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat facts{};
  const bool ours = fd && ::fstat(fd.get(), &facts) == 0 && facts.st_uid == ::geteuid();
  return ours && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 ? std::move(fd) : base::UniqueFd();
}

// What processes that were killed have left: the key is in it.
void RemoveAbandoned(const fs::path& where) {
  std::error_code failure;
  for (fs::directory_iterator entry(where, failure); !failure && entry != fs::directory_iterator();
       entry.increment(failure)) {
    if (!entry->path().filename().string().starts_with(kPrefix)) continue;
    const auto lock = LockFolder(entry->path());
    std::error_code ignored;
    if (lock) fs::remove_all(entry->path(), ignored);
  }
}

}  // namespace

Result<std::unique_ptr<CatalogCopy>> CatalogCopy::Make(Engine* engine, const Clock& clock) {
  std::error_code failure;
  const auto where = fs::temp_directory_path(failure);
  if (!failure) RemoveAbandoned(where);
  std::string folder;
  base::UniqueFd lock;
  for (int i = 0; i < kFolderTries && !failure && !(lock && fs::exists(folder)); ++i) {
    folder = (where / (std::string(kPrefix) + "XXXXXX")).string();
    lock = ::mkdtemp(folder.data()) != nullptr ? LockFolder(folder) : base::UniqueFd();  // mode 0700: the key is in it
  }
  if (!lock) {
    return Error{.code = ErrorCode::kCatalogUnavailable,
                 .message = fmt::format("no folder can be made for a copy of the catalog: {}",
                                        failure ? failure.message() : std::generic_category().message(errno)),
                 .hint = "TMPDIR names the folder for temporary ones."};
  }
  std::unique_ptr<CatalogCopy> copy(new CatalogCopy(std::move(folder), std::move(lock)));
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
