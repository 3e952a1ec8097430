#include "dataapi/watch_page.h"

#include <doctest/doctest.h>

#include "fake_statements.h"
#include "support/temp_dir.h"

namespace berth::dataapi {

TEST_CASE("Alive, ready, and what there is to measure") {
  const test::TempDir folder;
  auto engine = Engine::Open({.catalog_uri = "sqlite:" + (folder / "catalog.db")});
  REQUIRE(engine.ok());
  test::FakeStatements statements;
  statements.stats = {.submitted = 4,
                      .started = 2,
                      .failed = 7,
                      .oldest_submitted = std::chrono::milliseconds(1500),
                      .acquire_failures = 3,
                      .login_failures = 2,
                      .acquire_time = std::chrono::milliseconds(250)};
  Metrics metrics;
  WatchPage page(*engine.value(), statements, metrics);
  const auto ask = [&](const std::string& method, const std::string& target) {
    return page.Answer({.method = method, .target = target, .headers = {}, .body = "", .peer = "", .tls = false});
  };
  CHECK(ask("GET", "/livez").status == 200);
  CHECK(ask("GET", "/readyz").status == 503);
  page.SetReady(true);
  CHECK(ask("GET", "/readyz?verbose").status == 200);
  CHECK(ask("POST", "/readyz").status == 405);
  CHECK(ask("GET", "/").status == 404);
  for (int i = 0; i < 2; ++i) {
    const auto text = ask("GET", "/metrics").body;
    CHECK(text.find("berth_statements{state=\"submitted\"} 4\n") != std::string::npos);
    CHECK(text.find("berth_statements_ended{state=\"failed\"} 7\n") != std::string::npos);
    CHECK(text.find("berth_oldest_submitted_seconds 1.5\n") != std::string::npos);
    CHECK(text.find("berth_acquire_seconds_total 0.25\n") != std::string::npos);
    CHECK(text.find("berth_acquire_failures_total 3\n") != std::string::npos);
    CHECK(text.find("berth_login_failures_total 2\n") != std::string::npos);
  }
}

}  // namespace berth::dataapi
