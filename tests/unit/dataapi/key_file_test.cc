#include "dataapi/key_file.h"

#include <sys/stat.h>

#include <fstream>

#include <doctest/doctest.h>

#include "dataapi/gate.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"

namespace berth::dataapi {
namespace {

struct World {
  test::TempDir folder;
  std::string path = folder / "keys";

  void Write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
  }
  std::string Refused() const {
    const auto opened = KeyFile::Open(path);
    return opened.ok() ? "" : opened.error().message;
  }
};

constexpr const char* kGood =
    "# keys\n"
    "key etl BERTHKEY1 0123456789abcdefSECRET\n"
    "key etl BERTHKEY2 0123456789abcdefSECRET2 disabled   # until the old one is gone\n"
    "key web BERTHKEY3 0123456789abcdefSECRET3 expires=2026-12-31T00:00:00Z\n"
    "\n"
    "grant etl warehouse max_active=100 max_concurrent=3\r\n"
    "grant web my_redshift_connection\n";

}  // namespace

TEST_CASE("Keys and grants of a file, read again when it has changed") {
  World world;
  world.Write(kGood);
  const auto opened = KeyFile::Open(world.path);
  REQUIRE(opened.ok());
  auto& file = *opened.value();
  const auto key = file.Find("BERTHKEY1");
  REQUIRE(key.ok());
  REQUIRE(key.value());
  CHECK(key.value()->user == "etl");
  CHECK(key.value()->secret.Reveal() == "0123456789abcdefSECRET");
  CHECK_FALSE(key.value()->disabled);
  CHECK(file.Find("BERTHKEY2").value()->disabled);
  CHECK(file.Find("BERTHKEY3").value()->expires_at);
  CHECK_FALSE(file.Find("BERTHKEY4").value());
  const auto limits = file.MayUse("etl", "warehouse");
  REQUIRE(limits);
  CHECK(limits->max_active == 100);
  CHECK(limits->max_concurrent == 3);
  CHECK(file.MayUse("web", "my_redshift_connection"));
  CHECK_FALSE(file.MayUse("web", "warehouse"));

  world.Write("nonsense");
  CHECK_FALSE(file.Reload().ok());
  CHECK(file.Find("BERTHKEY1").value());  // what was good stays in force
  world.Write("key etl BERTHKEY9 0123456789abcdefSECRET9\n");
  CHECK(file.Reload().ok());
  CHECK_FALSE(file.Find("BERTHKEY1").value());
  CHECK_FALSE(file.MayUse("etl", "warehouse"));
}

TEST_CASE("A file that others may read is refused, and so is a line that means nothing; no error shows a secret") {
  World world;
  CHECK(world.Refused().find("No such file") != std::string::npos);
  world.Write(kGood, 0640);
  CHECK(world.Refused().find("mode 0640") != std::string::npos);
  for (const std::string line :
       {"key etl A 0123456789abcdefSECRET maybe", "key etl A shortSECRET",
        "key etl A 0123456789abcdefSECRET expires=soon", "key etl A", "grant etl", "grant etl c max_active",
        "grant etl c max_active=0", "grant etl c =", "allow etl c",
        "key etl A 0123456789abcdefSECRET\nkey etl A 0123456789abcdefSECRET",
        "key etl A 0123456789abcdefSECRET\nkey etl B 0123456789abcdefSECRET\nkey etl C 0123456789abcdefSECRET"}) {
    CAPTURE(line);
    world.Write("# the first line\n" + line + "\n");
    const auto refused = world.Refused();
    CHECK(refused.find(", line ") != std::string::npos);
    CHECK(refused.find("SECRET") == std::string::npos);
  }
}

TEST_CASE("The gate: unknown, disabled and ended keys are told apart only by who holds the secret") {
  World world;
  world.Write("key etl AKIDEXAMPLE wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n");
  const auto file = KeyFile::Open(world.path);
  REQUIRE(file.ok());
  // 2023-11-14T22:13:20Z, and an hour, is what the manual clock says at first.
  test::ManualClock clock;
  Gate gate(file.value().get(), clock);
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

  world.Write("key etl AKIDEXAMPLE wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY expires=2026-11-22T13:15:00Z\n");
  REQUIRE(file.value()->Reload().ok());
  CHECK(verdict() == "ExpiredTokenException");
  world.Write("key etl AKIDEXAMPLE wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY disabled\n");
  REQUIRE(file.value()->Reload().ok());
  CHECK(verdict() == "UnrecognizedClientException");
  world.Write("key etl AKIDEXAMPLE another-secret-of-that-key disabled\n");
  REQUIRE(file.value()->Reload().ok());
  CHECK(verdict() == "InvalidSignatureException");
  world.Write("");
  REQUIRE(file.value()->Reload().ok());
  CHECK(verdict() == "UnrecognizedClientException");
}

}  // namespace berth::dataapi
