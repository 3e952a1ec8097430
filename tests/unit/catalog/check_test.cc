#include "catalog/check.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "unit/catalog/catalog_fixture.h"
#include "unit/catalog/raw_sql.h"

namespace berth::catalog {
namespace {

std::vector<std::string> Faults(const Catalog& catalog) {
  std::vector<std::string> faults;
  for (const auto& finding : Must(catalog.store->Check(Soon())).findings) {
    CHECK(finding.kind == CheckFinding::Kind::kFault);
    CHECK_FALSE(finding.hint.empty());
    faults.push_back(finding.what);
  }
  return faults;
}

TEST_CASE("a catalog in order has no findings and is counted") {
  const Catalog catalog;
  const auto c = catalog.Add("c");
  {
    const auto transaction = catalog.Write();
    Must(transaction->InsertTable({.connection_id = c.id, .schema = "s", .name = "t"}));
    Must(transaction->InsertJob({.name = "j", .connection_id = c.id, .edges = {{.connection_id = c.id}}}));
    Must(transaction->Commit());
  }
  const auto report = Must(catalog.store->Check(Soon()));
  CHECK(report.findings.empty());
  CHECK(report.connections == 1);
  CHECK(report.tables == 1);
  CHECK(report.jobs == 1);
  CHECK(report.edges == 1);
  CHECK(report.passwords == 1);
}

TEST_CASE("what was edited past Berth is found") {
  const Catalog catalog;
  const auto c = catalog.Add("c");
  catalog.Add("d");
  {
    const auto transaction = catalog.Write();
    Must(transaction->InsertJob({.name = "j", .connection_id = c.id}));
    Must(transaction->Commit());
  }
  RawSql(catalog.path, "PRAGMA foreign_keys = OFF; DELETE FROM connections WHERE name = 'c'");
  CHECK(Faults(catalog) == std::vector<std::string>{"a row of jobs refers to a row of connections that is not there"});
  RawSql(catalog.path, "UPDATE jobs SET connection_id = NULL; UPDATE connections SET host = 'evil.example'");
  CHECK(Faults(catalog) ==
        std::vector<std::string>{"job j has no connection",
                                 "the password of connection d does not open: its row was edited past Berth"});
}

TEST_CASE("a missing key and another key are told by their fingerprints") {
  const Catalog catalog;
  catalog.Add("c");
  std::filesystem::remove(catalog.path + ".key");
  const auto missing = Faults(catalog);
  REQUIRE(missing.size() == 1);
  CHECK(Has(missing[0], "which is not in the key file"));
}

TEST_CASE("damaged pages are found, or the catalog does not open; a truncated one never passes") {
  for (const int part : {2, 3, 5, 9}) {
    CAPTURE(part);
    Catalog catalog;
    for (int i = 0; i < 200; ++i) catalog.Add("connection_" + std::to_string(i));
    catalog.store.reset();  // the log goes into the file
    const auto size = std::filesystem::file_size(catalog.path);
    std::filesystem::resize_file(catalog.path, size - size / static_cast<std::uintmax_t>(part));
    auto opened = Store::Open(OptionsFor(catalog.path));
    if (!opened.ok()) {
      CHECK(opened.error().code == ErrorCode::kCatalogCorrupt);
      continue;
    }
    auto report = opened.value()->Check(Soon());
    if (report.ok()) {
      CHECK_FALSE(report.value().findings.empty());
    } else {
      CHECK(report.error().code == ErrorCode::kCatalogCorrupt);
    }
  }
}

TEST_CASE("an intent knows its process") {
  const Catalog catalog;
  const auto c = catalog.Add("c");
  const auto transaction = catalog.Write();
  const auto table = Must(
      transaction->InsertTable({.connection_id = c.id, .schema = "s", .name = "t", .state = TableState::kCreating}));
  const auto intents = Must(transaction->ListIntents());
  REQUIRE(intents.size() == 1);
  CHECK(intents[0].intent_pid == ::getpid());
  CHECK(intents[0].intent_started > 0);
  Must(transaction->UpdateTableState(table.id, TableState::kRecorded));
  CHECK(Must(transaction->ListIntents()).empty());
}

}  // namespace
}  // namespace berth::catalog
