#pragma once

#include <memory>
#include <string>

#include <doctest/doctest.h>

#include "berth/engine.h"
#include "support/temp_dir.h"
#include "support/temp_postgres.h"
#include "unit/statements/service_fixture.h"

namespace berth::statements {

// A service on an engine of its own, with the connection wh to the shared server.
struct LiveService {
  test::TempPostgres& server = test::TempPostgres::Shared();
  test::TempDir folder;
  std::unique_ptr<Engine> engine = OpenEngine();
  ServiceOptions options{.engine = engine.get(), .folder = folder / "statements"};
  std::unique_ptr<StatementService> service;

  explicit LiveService(int cap = 5) {
    options.limits.active_max = options.limits.active_per_caller_max = 5000;
    auto outcome = engine->Execute("CREATE REDSHIFT CONNECTION wh CONNECTION_STRING = '" + server.JdbcUrl() +
                                       "' USER_NAME = '" + server.user() + "' PASSWORD = '" + server.password() +
                                       "' MAX_CONCURRENT_CONNECTIONS = " + std::to_string(cap),
                                   "", {}, Deadline::Never());
    if (!outcome.ok()) FAIL(outcome.error().message);
    Open();
  }

  void Open() {
    service.reset();
    auto opened = StatementService::Open(options);
    if (!opened.ok()) FAIL(opened.error().message);
    service = std::move(opened).value();
  }
  StatementFacts Run(std::string sql) { return RunToEnd(*service, RequestOf(std::move(sql))); }
  std::string Records(const std::string& id) {
    auto page = service->Page("ann", id, "", ResultFormat::kJson);
    return page.ok() ? page.value().records.substr(kPageHead.size()) : page.error().message;
  }

 private:
  std::unique_ptr<Engine> OpenEngine() {
    auto opened = Engine::Open({.catalog_uri = "sqlite:" + (folder / "catalog.db"), .program = "test"});
    if (!opened.ok()) FAIL(opened.error().message);
    return std::move(opened).value();
  }
};

}  // namespace berth::statements
