#include "dataapi/catalog_access.h"

#include <chrono>

#include <doctest/doctest.h>

#include "dataapi/gate.h"
#include "support/manual_clock.h"
#include "unit/statements/fake_engine.h"

namespace berth::dataapi {
namespace {

TEST_CASE("Keys and grants of the catalog, read again when it has changed and only then") {
  statements::FakeEngine engine;
  engine.keys.insert_or_assign("BRTHKEY1", AccessKeyFacts{.user = "etl", .secret = Secret("s1")});
  engine.grants = {{.user = "etl", .connection = "wh", .max_active = 100, .max_concurrent = 3}};
  CatalogAccess access(engine);
  REQUIRE(access.Find("BRTHKEY1").value());
  CHECK(access.Find("BRTHKEY1").value()->user == "etl");
  CHECK_FALSE(access.Find("BRTHKEY2").value());
  const auto limits = access.MayUse("etl", "wh");
  REQUIRE(limits);
  CHECK(limits->max_active == 100);
  CHECK(limits->max_concurrent == 3);
  CHECK_FALSE(access.MayUse("web", "wh"));
  CHECK_FALSE(access.MayUse("etl", "other"));

  engine.keys.find("BRTHKEY1")->second.enabled = false;
  engine.grants.clear();
  CHECK_FALSE(access.Find("BRTHKEY1").value()->disabled);  // nothing says that the catalog has changed
  CHECK(access.MayUse("etl", "wh"));
  ++engine.version;
  CHECK(access.Find("BRTHKEY1").value()->disabled);
  CHECK_FALSE(access.MayUse("etl", "wh"));
}

TEST_CASE("The use of a key is noted at most once a minute") {
  statements::FakeEngine engine;
  CatalogAccess access(engine);
  const Clock::Wall begin{};
  for (int second = 0; second < 180; ++second) {
    access.Used("a", begin + std::chrono::seconds(second));
    access.Used("b", begin + std::chrono::seconds(second));
  }
  CHECK(engine.uses["a"] == 3);
  CHECK(engine.uses["b"] == 3);
}

TEST_CASE("The gate: unknown, disabled and ended keys are told apart only by who holds the secret") {
  statements::FakeEngine engine;
  const Secret secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  const auto put = [&](AccessKeyFacts key) {
    engine.keys.insert_or_assign("AKIDEXAMPLE", std::move(key));
    ++engine.version;
  };
  put({.user = "etl", .secret = secret});
  CatalogAccess access(engine);
  // 2023-11-14T22:13:20Z, and an hour, is what the manual clock says at first.
  test::ManualClock clock;
  Gate gate(&access, clock);
  HttpRequest request{
      .method = "POST",
      .target = "/",
      .headers = {{"host", "127.0.0.1:18099"},
                  {"x-amz-target", "RedshiftData.ListStatements"},
                  {"content-type", "application/x-amz-json-1.1"},
                  {"x-amz-date", "20261122T131415Z"},
                  {"authorization",
                   "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-west-2/redshift-data/aws4_request, "
                   "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
                   "Signature=deabe550245dd572c033e119c85907ac93abaec72988e9e256e06f8ff48392c4"}},
      .body = "{}",
      .peer = "127.0.0.1",
      .tls = false};
  const auto verdict = [&] {
    const auto admitted = gate.Admit(request);
    if (const auto* refused = std::get_if<Refusal>(&admitted)) return std::string(refused->type);
    return std::get<Caller>(admitted).user + " " + std::get<Caller>(admitted).key_id;
  };
  CHECK(verdict() == "InvalidSignatureException");  // years too early
  const auto now = Clock::Wall(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)) + std::chrono::hours(13) +
                   std::chrono::minutes(15);
  clock.Advance(std::chrono::duration_cast<std::chrono::milliseconds>(now - clock.WallNow()));
  CHECK(verdict() == "etl AKIDEXAMPLE");
  CHECK(verdict() == "etl AKIDEXAMPLE");  // by the signing key that was kept

  put({.user = "etl", .secret = secret, .expires_at = now});
  CHECK(verdict() == "ExpiredTokenException");
  put({.user = "etl", .secret = secret, .enabled = false});
  CHECK(verdict() == "UnrecognizedClientException");
  put({.user = "etl", .secret = Secret("another-secret-of-that-key"), .enabled = false});
  CHECK(verdict() == "InvalidSignatureException");
  engine.keys.clear();
  ++engine.version;
  const auto unknown = gate.Admit(request);
  REQUIRE(std::holds_alternative<Refusal>(unknown));
  CHECK(std::get<Refusal>(unknown).type == "UnrecognizedClientException");
  CHECK(std::get<Refusal>(unknown).message.find("probably an AWS user's or role's") != std::string::npos);
  CHECK(std::get<Refusal>(unknown).message.find("CREATE ACCESS KEY FOR user") != std::string::npos);
}

}  // namespace
}  // namespace berth::dataapi
