#pragma once

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "dataapi/api.h"
#include "fake_statements.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace berth::test {

// Everything but the connection "hidden", or nothing at all.
class SomePermissions final : public dataapi::Permissions {
 public:
  std::optional<statements::CallerLimits> MayUse(std::string_view, std::string_view connection) override {
    if (nobody) return std::nullopt;
    if (connection == "hidden") return std::nullopt;
    return statements::CallerLimits{.max_active = 7, .max_concurrent = std::nullopt};
  }
  bool nobody = false;
};

// The API before a statement service that runs nothing, with a catalog of three connections.
struct ApiWorld {
  test::TempDir folder;
  test::ManualClock clock;
  std::unique_ptr<Engine> engine;
  FakeStatements statements;
  dataapi::Gate gate{nullptr, clock};
  SomePermissions permissions;
  dataapi::Metrics metrics;
  std::unique_ptr<dataapi::AuditLog> audit;
  std::unique_ptr<dataapi::Api> api;
  dataapi::HttpResponse last;
  int answers = 0;

  explicit ApiWorld(dataapi::ApiOptions options = {}) {
    auto opened = Engine::Open({.catalog_uri = "sqlite:" + (folder / "catalog.db")});
    REQUIRE(opened.ok());
    engine = std::move(opened).value();
    Ddl("my_redshift_connection", "dev", "awsuser");
    Ddl("other", "dev", "other");
    Ddl("hidden", "secretdb", "other");
    auto log = dataapi::AuditLog::Open({.path = folder / "audit.log", .with_text = false}, clock);
    REQUIRE(log.ok());
    audit = std::move(log).value();
    api = std::make_unique<dataapi::Api>(options, dataapi::ApiParts{.engine = *engine,
                                                                    .statements = statements,
                                                                    .gate = gate,
                                                                    .permissions = permissions,
                                                                    .clock = clock,
                                                                    .audit = audit.get(),
                                                                    .metrics = &metrics});
  }
  void Ddl(const std::string& name, const std::string& database, const std::string& user) {
    auto made = engine->Execute("CREATE REDSHIFT CONNECTION " + name + " CONNECTION_STRING = 'jdbc:redshift://h:5439/" +
                                    database + "' USER_NAME = '" + user + "' PASSWORD = ENV 'NOPE'",
                                "", {}, Deadline::Never());
    REQUIRE(made.ok());
  }
  void Send(dataapi::HttpRequest request) {
    last = {};
    api->Handle(std::move(request), [this](dataapi::HttpResponse response) {
      ++answers;
      last = std::move(response);
    });
  }
  std::string Ask(const std::string& operation, const std::string& body) {
    Send({.method = "POST",
          .target = "/",
          .headers = {{"host", "localhost:8439"}, {"x-amz-target", "RedshiftData." + operation}},
          .body = body,
          .peer = "127.0.0.1",
          .tls = false});
    return last.body;
  }
  std::string AuditText() const {
    std::ifstream file(folder / "audit.log");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
};

}  // namespace berth::test
