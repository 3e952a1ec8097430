#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/maintenance.h"
#include "engine/shared.h"

namespace berth::engine {

class MaintenanceImpl final : public Maintenance {
 public:
  explicit MaintenanceImpl(const Shared& shared) : shared_(shared) {}

  Result<std::unique_ptr<CatalogUnit>> Begin(NoticeSink notices, Deadline deadline) override;
  Result<std::vector<catalog::MigrationRow>> MigrationHistory() override;
  Result<std::vector<catalog::ConnectionChange>> ConnectionChanges() override;
  Result<std::vector<CatalogObject>> Objects() override;
  Result<std::vector<std::string>> ServiceAccess() override;
  Result<std::vector<std::string>> Pauses() override;
  Status CopyCatalog(const std::string& folder) override;

 private:
  const Shared& shared_;
};

}  // namespace berth::engine
