#include "dataapi/signature.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace berth::dataapi {
namespace {

const Secret kSecret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
const auto kNow = Clock::Wall(std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)) + std::chrono::hours(13) +
                  std::chrono::minutes(14) + std::chrono::seconds(15);

// Both signed by botocore, the second with the header set of the JavaScript SDK.
HttpRequest Botocore() {
  return {.method = "POST",
          .target = "/",
          .headers = {{"host", "127.0.0.1:18099"},
                      {"x-amz-target", "RedshiftData.ListStatements"},
                      {"content-type", "application/x-amz-json-1.1"},
                      {"user-agent", "Boto3/1.26.27"},
                      {"x-amz-date", "20261122T131415Z"},
                      {"authorization",
                       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-west-2/redshift-data/aws4_request, "
                       "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
                       "Signature=deabe550245dd572c033e119c85907ac93abaec72988e9e256e06f8ff48392c4"}},
          .body = "{}",
          .peer = "",
          .tls = false};
}

HttpRequest JavaScript() {
  return {.method = "POST",
          .target = "/",
          .headers = {{"amz-sdk-invocation-id", "f1"},
                      {"amz-sdk-request", "attempt=1;  max=3"},
                      {"content-length", "45"},
                      {"content-type", "application/x-amz-json-1.1"},
                      {"host", "127.0.0.1:18099"},
                      {"x-amz-content-sha256", "72730d9134056705fe0ae718fe23ca35748859ca6b9395d4fdd92f824245c47f"},
                      {"x-amz-target", "RedshiftData.DescribeStatement"},
                      {"x-amz-user-agent", "aws-sdk-js/3.1169.0  ua/2.1"},
                      {"x-amz-date", "20261122T131415Z"},
                      {"authorization",
                       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-central-1/redshift-data/aws4_request, "
                       "SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;"
                       "x-amz-content-sha256;x-amz-date;x-amz-target;x-amz-user-agent, "
                       "Signature=a3acb1fa8172fe5e85670e9ab0b105cbfd806e845f6b8d6cb96e378d955dbddb"}},
          .body = R"({"Id":"d9b6c0c9-0747-4bf4-b142-e8883122f766"})",
          .peer = "",
          .tls = false};
}

std::string& Header(HttpRequest& request, std::string_view name) {
  for (auto& header : request.headers) {
    if (header.name == name) return header.value;
  }
  FAIL("no such header");
  return request.body;
}

void Replace(std::string& text, std::string_view what, std::string_view with) {
  REQUIRE(text.find(what) != std::string::npos);
  text.replace(text.find(what), what.size(), with);
}

// The exception's name; empty: the signature is good.
std::string Verdict(const HttpRequest& request, Clock::Wall now = kNow, const Secret& secret = kSecret) {
  const auto claim = ReadClaim(request, now);
  if (const auto* refused = std::get_if<Refusal>(&claim)) return std::string(refused->type);
  const auto& good = std::get<SignatureClaim>(claim);
  const auto refused = CheckSignature(request, good, SigningKey(secret, good));
  return refused ? std::string(refused->type) : "";
}

}  // namespace

TEST_CASE("The header sets of the clients are verified, whatever the region") {
  CHECK(Verdict(Botocore()) == "");
  CHECK(Verdict(JavaScript()) == "");
  const auto claim = std::get<SignatureClaim>(ReadClaim(JavaScript(), kNow));
  CHECK(claim.key_id == "AKIDEXAMPLE");
  CHECK(claim.region == "eu-central-1");
}

TEST_CASE("Whatever was signed cannot be changed") {
  CHECK(Verdict(Botocore(), kNow, Secret("another")) == "InvalidSignatureException");
  auto request = Botocore();
  request.body = "{ }";
  CHECK(Verdict(request) == "InvalidSignatureException");
  for (const std::string_view name : {"host", "x-amz-target", "content-type"}) {
    request = Botocore();
    Header(request, name) += "x";
    CHECK(Verdict(request) == "InvalidSignatureException");
  }
  request = Botocore();
  Header(request, "user-agent") = "another";  // not signed
  CHECK(Verdict(request) == "");
  request = Botocore();
  request.target = "/?a=b";
  CHECK(Verdict(request) == "InvalidSignatureException");
  request = JavaScript();
  Header(request, "x-amz-content-sha256") = "UNSIGNED-PAYLOAD";
  CHECK(Verdict(request) == "InvalidSignatureException");
}

TEST_CASE("A year that the clock cannot count is no time, and never taken for another") {
  for (const auto* text : {"28261122T131415Z", "22620101T000000Z", "99991231T235959Z", "19691231T235959Z",
                           "16001122T000000Z", "00000101T000000Z"}) {
    CAPTURE(text);
    CHECK_FALSE(ReadSignatureTime(text));
  }
  CHECK(ReadSignatureTime("19700101T000000Z") == Clock::Wall());
  REQUIRE(ReadSignatureTime("22611231T235959Z"));
  CHECK(*ReadSignatureTime("22611231T235959Z") > *ReadSignatureTime("20261122T131415Z"));
}

TEST_CASE("The clocks may differ by five minutes") {
  CHECK(Verdict(Botocore(), kNow + kSkewMax) == "");
  CHECK(Verdict(Botocore(), kNow - kSkewMax) == "");
  CHECK(Verdict(Botocore(), kNow + kSkewMax + std::chrono::seconds(1)) == "InvalidSignatureException");
  CHECK(Verdict(Botocore(), kNow - kSkewMax - std::chrono::seconds(1)) == "InvalidSignatureException");
  const auto late = ReadClaim(Botocore(), kNow + std::chrono::minutes(10));
  CHECK(std::get<Refusal>(late).message.starts_with(
      "Signature expired: 20261122T131415Z is now earlier than 20261122T131915Z (20261122T132415Z - 5 min.)"));
  auto request = Botocore();
  Replace(Header(request, "authorization"), "/20261122/", "/20261121/");
  CHECK(Verdict(request) == "InvalidSignatureException");
}

TEST_CASE("Temporary credentials are refused in words") {
  auto request = Botocore();
  request.headers.push_back({"x-amz-security-token", "FwoG"});
  const auto claim = ReadClaim(request, kNow);
  CHECK(std::get<Refusal>(claim).type == "UnrecognizedClientException");
  CHECK(std::get<Refusal>(claim).message.find("AWS_SESSION_TOKEN") != std::string::npos);
}

TEST_CASE("What is no Signature Version 4") {
  auto request = Botocore();
  request.headers.pop_back();
  CHECK(Verdict(request) == "MissingAuthenticationTokenException");
  const std::vector<std::pair<std::string, std::string>> changes{
      {"AWS4-HMAC-SHA256 ", "Basic "},
      {"AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256X"},
      {"Credential=", "Cred="},
      {"SignedHeaders=", "Headers="},
      {"Signature=", "Sig="},
      {"/aws4_request", ""},
      {"/aws4_request", "/aws5_request"},
      {"/20261122/", "/2026112x/"},
      {"AKIDEXAMPLE/", "/"},
      {"us-west-2", "us west 2"},
      {"host;x-amz-date", "x-amz-date;host"},
      {"host;x-amz-date", "host;host;x-amz-date"},
      {"host;", ""},
      {";x-amz-date", ""},
      {";x-amz-target", ""},
      {"content-type;", "content-type;gone;"},
  };
  for (const auto& [what, with] : changes) {
    request = Botocore();
    Replace(Header(request, "authorization"), what, with);
    CAPTURE(what);
    CHECK(Verdict(request) == "IncompleteSignature");
  }
  request = Botocore();
  Replace(Header(request, "authorization"), "redshift-data", "s3");
  CHECK(Verdict(request) == "InvalidSignatureException");
  for (const std::string time : {"", "20261122", "20261322T131415Z", "20261122T241415Z", "2026-11-22T13:14:15Z"}) {
    request = Botocore();
    Header(request, "x-amz-date") = time;
    CHECK(Verdict(request) == "IncompleteSignature");
  }
  request = Botocore();
  Header(request, "authorization") += std::string(kAuthorizationBytesMax, 'a');
  CHECK(Verdict(request) == "IncompleteSignature");
}

}  // namespace berth::dataapi
