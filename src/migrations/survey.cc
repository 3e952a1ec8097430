#include "migrations/survey.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/try.h"
#include "engine/maintenance.h"

namespace berth::migrations {

Result<const std::vector<File>*> Project::Files() {
  if (!files_) {
    BERTH_ASSIGN(files_, ReadFolder(options_.folder));
  }
  return &*files_;
}

Result<const std::vector<Part>*> Project::PartsOf(const File& file) {
  const auto known = parts_.find(file.script);
  if (known != parts_.end()) return &known->second;
  auto text = options_.replace(file.text);
  if (!text.ok()) {
    Error error = std::move(text).TakeError();
    const auto upto = std::string_view(file.text).substr(0, error.span ? error.span->offset : 0);
    return AtLine(std::move(error), file.script, 1 + static_cast<std::size_t>(std::ranges::count(upto, '\n')));
  }
  BERTH_ASSIGN(auto parts, SplitParts(file, text.value()));
  return &parts_.emplace(file.script, std::move(parts)).first->second;
}

Result<Warehouse*> Project::WarehouseOf(const std::string& connection) {
  const auto known = warehouses_.find(connection);
  if (known != warehouses_.end()) return known->second.get();
  BERTH_ASSIGN(auto warehouse, Warehouse::Open(engine_, clock_, connection, options_.warehouse));
  return warehouses_.emplace(connection, std::move(warehouse)).first->second.get();
}

Result<bool> Project::DoneByCatalog() {
  BERTH_ASSIGN(const auto* const files, Files());
  BERTH_ASSIGN(const auto history, engine::MaintenanceOf(engine_).MigrationHistory());
  BERTH_ASSIGN(const auto changes, engine::MaintenanceOf(engine_).ConnectionChanges());
  return migrations::DoneByCatalog(*files, history, changes);
}

Status Project::AskWarehouses(Evidence& evidence) {
  std::set<std::string> names;
  for (const auto& row : evidence.catalog) {
    const auto connection = evidence.connections.find(row.connection_id.value_or(0));
    if (connection != evidence.connections.end()) names.insert(connection->second);
  }
  std::set<std::string> existing;
  for (const auto& [_, name] : evidence.connections) existing.insert(name);
  for (const auto& [_, parts] : evidence.parts) {
    for (const auto& part : parts) {
      if (existing.contains(part.connection)) names.insert(part.connection);
    }
  }
  for (const auto& name : names) {
    BERTH_ASSIGN(auto* const warehouse, WarehouseOf(name));
    BERTH_ASSIGN(auto rows, warehouse->History());
    evidence.warehouses.emplace(name, std::move(rows));
  }
  return {};
}

Result<std::vector<FileState>> Project::Survey() {
  BERTH_ASSIGN(const auto* const files, Files());
  BERTH_ASSIGN(const auto rows, engine::MaintenanceOf(engine_).MigrationHistory());
  Evidence evidence{.files = *files, .catalog = rows};
  BERTH_ASSIGN(const auto connections, engine_.Connections());
  for (const auto& connection : connections) evidence.connections.emplace(connection.id, connection.name);
  const auto whole = RecordedWhole(*files, rows);
  for (const auto& file : *files) {
    if (whole.contains(file.script)) continue;
    BERTH_ASSIGN(const auto* const parts, PartsOf(file));
    evidence.parts.emplace(file.script, *parts);
  }
  BERTH_TRY(AskWarehouses(evidence));
  return Judge(evidence);
}

}  // namespace berth::migrations
