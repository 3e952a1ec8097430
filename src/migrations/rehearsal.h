#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "berth/error.h"
#include "engine/maintenance.h"
#include "migrations/survey.h"

namespace berth::migrations {

// A copy of the catalog, in a folder of its own that goes with it: what is done there changes nothing. One that a
// killed process has left is removed by the next.
class CatalogCopy {
 public:
  // Of the engine's catalog as it is, or of none: an empty one. Errors: those of the catalog.
  static Result<std::unique_ptr<CatalogCopy>> Make(Engine* engine, const Clock& clock);
  ~CatalogCopy();
  CatalogCopy(const CatalogCopy&) = delete;
  CatalogCopy& operator=(const CatalogCopy&) = delete;

  engine::Maintenance& maintenance() { return engine::MaintenanceOf(*engine_); }
  // Runs the catalog's parts of a file, those that are not done yet.
  Status Run(const FileState& state, const std::vector<Part>& parts);

 private:
  CatalogCopy(std::string folder, base::UniqueFd lock) : folder_(std::move(folder)), lock_(std::move(lock)) {}
  std::string folder_;
  base::UniqueFd lock_;  // while it is held, the folder is in use
  std::unique_ptr<Engine> engine_;
};

// The statements of a part on the catalog. Errors with script and line.
Status RunOnCatalog(engine::CatalogUnit& unit, const File& file, const Part& part);

// Runs what the files say to the catalog on a copy: an error there is one that `up` would meet.
Status Rehearse(Project& project, const std::vector<const FileState*>& files);

}  // namespace berth::migrations
