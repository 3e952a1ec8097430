#include "migrations/judge.h"

#include <doctest/doctest.h>

namespace berth::migrations {
namespace {

File FileNamed(std::string_view script, std::string_view text = "select 1") {
  return MakeFile(script, text).value();
}

catalog::MigrationRow CatalogRow(const File& file, std::int64_t part, std::int64_t parts, std::string target) {
  catalog::MigrationRow row{.description = file.description, .script = file.script, .checksum = file.checksum};
  if (file.version) row.version = file.version->Text();
  row.part = part;
  row.parts = parts;
  if (!target.empty()) row.connection_id = 1;
  row.target = std::move(target);
  return row;
}

WarehouseRow RowThere(const File& file, std::int64_t part) {
  WarehouseRow row{.description = file.description, .script = file.script, .checksum = file.checksum};
  if (file.version) row.version = file.version->Text();
  row.part = part;
  row.success = true;
  return row;
}

struct World {
  std::vector<File> files;
  std::vector<catalog::MigrationRow> catalog;
  Evidence evidence;

  std::string Words() {
    evidence.files = files;
    evidence.catalog = catalog;
    evidence.connections = {{1, "c"}};
    std::string words;
    for (const auto& state : Judge(evidence)) words += (words.empty() ? "" : ", ") + std::string(WordText(state.word));
    return words;
  }
  void Parts(const File& file, std::vector<std::string> connections) {
    for (auto& connection : connections) evidence.parts[file.script].push_back({.connection = connection});
  }
};

TEST_CASE("Judge: a part is done if the catalog or its warehouse says so") {
  World world;
  world.files = {FileNamed("V1__a.sql"), FileNamed("V2__b.sql")};
  world.Parts(world.files[0], {"", "c"});
  world.Parts(world.files[1], {"c"});
  world.evidence.warehouses["c"] = {};
  CHECK(world.Words() == "Pending, Pending");
  world.catalog.push_back(CatalogRow(world.files[0], 1, 2, ""));
  CHECK(world.Words() == "Half done, Pending");
  world.evidence.warehouses["c"].push_back(RowThere(world.files[0], 2));
  CHECK(world.Words() == "Success, Pending");
  CHECK_FALSE(Judge(world.evidence)[0].recorded());
  world.catalog.push_back(CatalogRow(world.files[0], 2, 2, "c"));
  CHECK(world.Words() == "Success, Pending");
  CHECK(Judge(world.evidence)[0].recorded());
  world.evidence.warehouses["c"].clear();
  CHECK(world.Words() == "Lost, Pending");
  world.evidence.warehouses.erase("c");  // the connection was dropped: the catalog's word stands
  CHECK(world.Words() == "Success, Pending");
}

TEST_CASE("DoneByCatalog: every file, its text, no other, and connections as they were") {
  const auto a = FileNamed("V1__a.sql");
  const auto b = FileNamed("R__b.sql");
  std::vector<File> files = {a};
  std::vector<catalog::MigrationRow> history = {CatalogRow(a, 1, 2, "")};
  std::vector<catalog::ConnectionChange> connections(2);
  connections[0].id = 1;
  connections[0].modified_at = "2026-11-22T10:00:00.000Z";
  connections[1].id = 2;
  connections[1].modified_at = "2026-11-22T12:00:00.000Z";  // no file was applied to it
  history[0].installed_on = "2026-11-22T10:00:00.000Z";
  CHECK_FALSE(DoneByCatalog(files, history, connections));  // half
  history.push_back(CatalogRow(a, 2, 2, "c"));
  history[1].installed_on = "2026-11-22T10:00:00.001Z";
  CHECK(DoneByCatalog(files, history, connections));
  connections[0].modified_at = "2026-11-22T10:00:00.001Z";
  CHECK_FALSE(DoneByCatalog(files, history, connections));
  connections.erase(connections.begin());  // dropped
  CHECK(DoneByCatalog(files, history, connections));
  files.push_back(b);
  CHECK_FALSE(DoneByCatalog(files, history, connections));
  history.push_back(CatalogRow(b, 1, 1, ""));
  CHECK(DoneByCatalog(files, history, connections));
  files[1] = FileNamed("R__b.sql", "select 2");
  CHECK_FALSE(DoneByCatalog(files, history, connections));
  files.pop_back();
  CHECK_FALSE(DoneByCatalog(files, history, connections));  // R__b.sql is missing
}

TEST_CASE("Judge: changed, renamed, missing, out of order, outdated") {
  World world;
  world.files = {FileNamed("V1__a.sql"), FileNamed("V3__c.sql"), FileNamed("R__v.sql")};
  for (const auto& file : world.files) world.catalog.push_back(CatalogRow(file, 1, 1, ""));
  CHECK(world.Words() == "Success, Success, Success");
  world.files[0] = FileNamed("V1__a.sql", "select 2");
  world.files[1] = FileNamed("V3__renamed.sql");
  world.files[2] = FileNamed("R__v.sql", "select 2");
  for (const auto& file : world.files) world.Parts(file, {""});
  CHECK(world.Words() == "Changed, Changed, Outdated");
  CHECK(Judge(world.evidence)[1].recorded_script == "V3__c.sql");
  world.files[1] = FileNamed("V2__late.sql");
  world.Parts(world.files[1], {""});
  CHECK(world.Words() == "Changed, Out of order, Outdated, Missing");
  auto gone = CatalogRow(FileNamed("V3__c.sql"), 0, 0, "");
  gone.type = catalog::MigrationRow::Type::kDelete;
  world.catalog.push_back(gone);
  CHECK(world.Words() == "Changed, Pending, Outdated");
}

TEST_CASE("Judge: a repeatable file that goes back to an older text runs again") {
  World world;
  const auto a = FileNamed("R__v.sql", "a");
  const auto b = FileNamed("R__v.sql", "b");
  world.catalog = {CatalogRow(a, 1, 1, ""), CatalogRow(b, 1, 1, "")};
  world.files = {b};
  world.Parts(a, {""});
  CHECK(world.Words() == "Success");
  world.files = {a};
  CHECK(world.Words() == "Outdated");
}

TEST_CASE("Judge: a statement that was begun and not ended is in doubt") {
  World world;
  world.files = {FileNamed("V1__a.sql", "-- berth: no transaction\nvacuum")};
  world.Parts(world.files[0], {"c"});
  auto row = RowThere(world.files[0], 1);
  row.success = false;
  row.started = 2;
  row.done = 2;
  world.evidence.warehouses["c"] = {row};
  CHECK(world.Words() == "Half done");
  world.evidence.warehouses["c"][0].started = 3;
  CHECK(world.Words() == "In doubt");
}

}  // namespace
}  // namespace berth::migrations
