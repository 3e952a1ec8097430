#include "credentials/credential.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

#include "credentials/credential_cache.h"
#include "support/manual_clock.h"

using berth::Clock;
using berth::Secret;
using berth::credentials::Credential;
using berth::credentials::CredentialCache;
using berth::credentials::ReadCredential;

namespace {

const Clock::Wall kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + std::chrono::hours(12);

Credential Read(const std::string& printed) {
  auto read = ReadCredential(Secret(printed), kNow);
  REQUIRE_MESSAGE(read.ok(), (read.ok() ? "" : read.error().message));
  return std::move(read).value();
}

std::string Refused(const std::string& printed) {
  const auto read = ReadCredential(Secret(printed), kNow);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().Sqlstate() == "28000");
  CHECK((read.error().message + read.error().hint).find("s3cr3t") == std::string::npos);
  return read.error().message;
}

}  // namespace

TEST_CASE("a bare password is one line") {
  CHECK(Read("p w").password.Reveal() == "p w");
  CHECK(Read("pw\r\n").password.Reveal() == "pw");
  CHECK_FALSE(Read("pw\n").expires.has_value());
  CHECK(Refused("\n").find("empty") != std::string::npos);
  CHECK(Refused("s3cr3t\nmore\n").find("several lines") != std::string::npos);
}

TEST_CASE("the JSON of the AWS command line") {
  const auto cluster =
      Read(R"({"DbUser": "IAM:etl", "DbPassword": "s3cr3t", "Expiration": "2026-11-22T12:15:00.250Z"})");
  CHECK(cluster.user == "IAM:etl");
  CHECK(cluster.password.Reveal() == "s3cr3t");
  CHECK(cluster.expires == kNow + std::chrono::minutes(15));

  const auto with_iam = Read(
      R"({"DbUser":"IAMR:r","DbPassword":"s3cr3t","Expiration":"2026-11-22T14:00:00+01:00","NextRefreshTime":"x"})");
  CHECK(with_iam.expires == kNow + std::chrono::hours(1));

  const auto serverless = Read(
      "\n{\"dbUser\": \"IAM:u\", \"dbPassword\": \"s3cr3t\", \"expiration\": 1795349700, \"nextRefreshTime\": 1}\n");
  CHECK(serverless.user == "IAM:u");
  CHECK(serverless.expires == Clock::Wall(std::chrono::seconds(1795349700)));

  const auto secret =
      Read(R"({"ARN": "a", "SecretString": "{\"username\":\"etl\",\"password\":\"s3cr3t\",\"engine\":\"redshift\"}"})");
  CHECK(secret.user == "etl");
  CHECK(secret.password.Reveal() == "s3cr3t");
  CHECK_FALSE(secret.expires.has_value());
  CHECK(Read(R"({"username":"etl","password":"s3cr3t"})").user == "etl");
  CHECK(Read(R"({"SecretString": "s3cr3t"})").password.Reveal() == "s3cr3t");
}

TEST_CASE("what is no credential is refused without repeating it") {
  CHECK(Refused(R"({"DbPassword": "s3cr3t")").find("is none") != std::string::npos);
  CHECK(Refused(R"({"DbUser": "s3cr3t"})").find("without a password") != std::string::npos);
  CHECK(Refused(R"({"DbPassword": 7})").find("without a password") != std::string::npos);
  CHECK(Refused(R"({"DbPassword": "s3cr3t", "Expiration": "2026-11-22T11:59:59Z"})").find("has expired") !=
        std::string::npos);
  CHECK(Refused(R"({"DbPassword": "s3cr3t", "Expiration": "tomorrow"})").find("no time") != std::string::npos);
  CHECK(Refused("{" + std::string(40'000, '[')).find("is none") != std::string::npos);
}

TEST_CASE("a credential that ends is asked for again at 80 % of its life, others each time") {
  berth::test::ManualClock clock;
  CredentialCache cache;
  int fetched = 0;
  bool ends = true;
  const auto fetch = [&]() -> berth::Result<Credential> {
    ++fetched;
    Credential credential{.password = Secret("p" + std::to_string(fetched))};
    if (ends) credential.expires = clock.WallNow() + std::chrono::minutes(10);
    return credential;
  };
  CHECK(cache.Get(1, 1, clock, fetch).value().password.Reveal() == "p1");
  clock.Advance(std::chrono::minutes(8) - std::chrono::milliseconds(1));
  CHECK(cache.Get(1, 1, clock, fetch).value().password.Reveal() == "p1");
  clock.Advance(std::chrono::milliseconds(1));
  CHECK(cache.Get(1, 1, clock, fetch).value().password.Reveal() == "p2");
  CHECK(cache.Get(1, 2, clock, fetch).value().password.Reveal() == "p3");  // the login was altered
  cache.Forget(1);
  CHECK(cache.Get(1, 2, clock, fetch).value().password.Reveal() == "p4");
  // A life of a century: UBSan would see an overflow.
  const auto far = [&]() -> berth::Result<Credential> {
    return Credential{.password = Secret("far"), .user = {}, .expires = clock.WallNow() + std::chrono::years(100)};
  };
  CHECK(cache.Get(3, 1, clock, far).ok());
  ends = false;
  CHECK(cache.Get(2, 1, clock, fetch).value().password.Reveal() == "p5");
  CHECK(cache.Get(2, 1, clock, fetch).value().password.Reveal() == "p6");
}
