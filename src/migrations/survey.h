#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/engine.h"
#include "berth/error.h"
#include "migrations/folder.h"
#include "migrations/judge.h"
#include "migrations/parts.h"
#include "migrations/warehouse.h"

namespace berth::migrations {

struct Options {
  std::string folder;
  WarehouseOptions warehouse;
  // Replaces the placeholders of a text. Errors: an unknown one, with its span.
  std::function<Result<std::string>(std::string_view)> replace;
  std::optional<Version> to;  // up: no file beyond this version, and repeatable ones only once all versions are there
};

// One run of a command: the engine it works on and the warehouses it talks to. One thread.
class Project {
 public:
  Project(Engine& engine, const Clock& clock, Options options)
      : engine_(engine), clock_(clock), options_(std::move(options)) {}

  Engine& engine() { return engine_; }
  const Clock& clock() const { return clock_; }
  const Options& options() const { return options_; }

  // The files are read once; what the histories say each time.
  Result<const std::vector<File>*> Files();
  Result<const std::vector<Part>*> PartsOf(const File& file);  // placeholders replaced, cut into parts
  Result<Warehouse*> WarehouseOf(const std::string& connection);
  // A change of the catalog may have changed where connections lead: they are opened again.
  void ForgetWarehouses() { warehouses_.clear(); }
  // Its next statement has a session with the settings that a login gives.
  void ForgetWarehouse(const std::string& connection) { warehouses_.erase(connection); }
  // Whether the catalog's history alone shows that nothing is to be applied (see migrations::DoneByCatalog). False says
  // nothing: Survey() does. Asks no warehouse.
  Result<bool> DoneByCatalog();
  // Asks the catalog and each warehouse that any file or row tells of; changes nothing.
  Result<std::vector<FileState>> Survey();

 private:
  Status AskWarehouses(Evidence& evidence);

  Engine& engine_;
  const Clock& clock_;
  const Options options_;
  std::optional<std::vector<File>> files_;
  std::map<std::string, std::vector<Part>> parts_;  // by script
  std::map<std::string, std::unique_ptr<Warehouse>> warehouses_;
};

}  // namespace berth::migrations
