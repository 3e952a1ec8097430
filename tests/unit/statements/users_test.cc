#include <doctest/doctest.h>

#include "base/crypto.h"
#include "support/fake_session.h"
#include "support/temp_dir.h"
#include "unit/statements/fake_engine.h"
#include "unit/statements/service_fixture.h"

// What callers may do, and what is sealed for whom.
namespace berth::statements {
namespace {

using test::Eventually;

struct World {
  test::TempDir folder;
  FakeEngine engine;
  ServiceOptions options{.engine = &engine, .folder = folder / "statements", .callers_known = true};
  std::unique_ptr<StatementService> service;

  World() {
    engine.connections.push_back({.id = 2, .name = "bi", .database = "dev", .user = "u", .sessions_max = 5});
    Open();
  }
  ~World() {
    engine.Release();
    service.reset();
  }
  void Open() {
    service.reset();
    auto opened = StatementService::Open(options);
    if (!opened.ok()) FAIL(opened.error().message);
    service = std::move(opened).value();
  }
};

SubmitRequest Limited(std::string sql, std::size_t most, std::string connection = "wh") {
  auto request = RequestOf(std::move(sql));
  request.connection = std::move(connection);
  request.caller_limits.max_active = most;
  return request;
}

TEST_CASE("MAX_ACTIVE is of one user on one connection, and its refusal is no throttling") {
  World at;
  SubmitId(*at.service, Limited("block", 2));
  SubmitId(*at.service, Limited("block", 2));
  const auto refused = Submit(*at.service, Limited("block", 2));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::kResourceExhausted);
  CHECK(refused.error().message ==
        "2 statements of yours are active on connection wh, which is what you were granted there (MAX_ACTIVE).");
  SubmitId(*at.service, Limited("block", 2, "bi"));
  auto other = Limited("block", 2);
  other.caller = "bob";
  SubmitId(*at.service, other);
  REQUIRE(Eventually([&] { return at.engine.blocked() == 4; }));
  at.engine.Release();
  REQUIRE(Eventually([&] { return at.service->Stats().finished == 4; }));
  CHECK(Submit(*at.service, Limited("rows 1", 2)).ok());
}

TEST_CASE("MAX_CONCURRENT queues what is beyond it") {
  World at;
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    auto request = RequestOf("block");
    request.caller_limits.max_concurrent = 1;
    ids.push_back(SubmitId(*at.service, request));
  }
  REQUIRE(Eventually([&] { return at.engine.blocked() == 1; }));
  CHECK(at.engine.open_most() == 1);
  auto elsewhere = RequestOf("block");
  elsewhere.connection = "bi";
  elsewhere.caller_limits.max_concurrent = 1;
  ids.push_back(SubmitId(*at.service, elsewhere));
  REQUIRE(Eventually([&] { return at.engine.blocked() == 2; }));
  CHECK(StateOf(*at.service, ids[1]) == "SUBMITTED");
  CHECK(StateOf(*at.service, ids[2]) == "SUBMITTED");
  at.engine.Release();
  for (const auto& id : ids) CHECK(Ended(*at.service, id).progress.state == StatementState::kFinished);
}

TEST_CASE("Texts on the catalog are read as Berth's own, for whom they are said; texts on a connection never") {
  World at;
  auto request = RequestOf("SHOW CONNECTIONS");
  request.connection = kCatalogTarget;
  CHECK(RunToEnd(*at.service, request).progress.state == StatementState::kFinished);
  CHECK(RunToEnd(*at.service, RequestOf("SHOW CONNECTIONS")).progress.state == StatementState::kFinished);
  at.options.callers_known = false;
  at.Open();
  RunToEnd(*at.service, request);
  CHECK(at.engine.texts() ==
        std::vector<std::string>{"0 own ann: SHOW CONNECTIONS", "1 SHOW CONNECTIONS", "0 own ann?: SHOW CONNECTIONS"});
  request.session_keep_alive_s = 60;
  const auto kept = Submit(*at.service, request);
  REQUIRE_FALSE(kept.ok());
  CHECK(kept.error().message == "Database system is Berth's catalog: it has no sessions to keep.");
}

TEST_CASE("A password in a statement on the catalog is shown to nobody again") {
  StatementFacts facts{.connection = std::string(kCatalogTarget)};
  const std::string sql = "ALTER REDSHIFT CONNECTION c SET PASSWORD = 'open sesame'";
  CHECK(ShownSql(facts, sql).find("sesame") == std::string::npos);
  facts.connection = "wh";
  CHECK(ShownSql(facts, sql) == sql);
}

TEST_CASE("What was sealed with an older key still opens, and new texts have the newest") {
  World at;
  const auto before = SubmitId(*at.service, RequestOf("rows 2"));
  Ended(*at.service, before);
  at.engine.sealing_keys.insert(at.engine.sealing_keys.begin(), base::RandomKey());  // berth rekey
  at.Open();
  CHECK(at.service->Describe("ann", before).value().sqls == std::vector<std::string>{"rows 2"});
  const auto after = SubmitId(*at.service, RequestOf("rows 3"));
  Ended(*at.service, after);
  at.engine.sealing_keys.pop_back();  // the old one is gone for good
  at.Open();
  CHECK(at.service->Describe("ann", before).value().sqls.empty());
  CHECK(at.service->Describe("ann", after).value().sqls == std::vector<std::string>{"rows 3"});
}

}  // namespace
}  // namespace berth::statements
