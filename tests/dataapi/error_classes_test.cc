// Every error that the service has, as each client's class for it: a server of ours answers DescribeStatement with the
// error whose number is in the id, and the clients say what they made of it, a line each: number, class, text.
#include <sstream>
#include <vector>

#include <doctest/doctest.h>

#include "dataapi/answer.h"
#include "dataapi/http_server.h"
#include "run_client.h"
#include "support/places.h"
#include "support/temp_dir.h"

namespace berth::dataapi {
namespace {

using test::ClientEnvironment;
using test::RunClient;

const std::string kFolder = test::SourceDir().string() + "/tests/dataapi/";

const std::vector<Refusal>& Refusals() {
  static const std::vector<Refusal> kAll = [] {
    std::vector<Refusal> all{
        Invalid("m"),    Unserializable("m"), UnknownOperation("m"),    Throttled("m"),      AccessDenied("m"),
        UnknownKey("m"), BadSignature("m"),   IncompleteSignature("m"), ExpiredKey("m"),     MalformedHttp("m"),
        TooLarge("m"),   TooSlow("m"),        ServiceUnavailable("m"),  InternalFailure("m")};
    for (const auto code :
         {ErrorCode::kNotFound, ErrorCode::kResourceExhausted, ErrorCode::kTooManySessions, ErrorCode::kTooManyWaiters,
          ErrorCode::kDeadlineExceeded, ErrorCode::kUnavailable, ErrorCode::kInternal}) {
      all.push_back(RefusalOf(Error{.code = code, .message = "m"}));
    }
    all.push_back({.type = "ExecuteStatementException", .status = 500, .message = "m"});
    all.push_back({.type = "BatchExecuteStatementException", .status = 500, .message = "m"});
    for (std::size_t i = 0; i < all.size(); ++i) all[i].message = "text " + std::to_string(i);
    return all;
  }();
  return kAll;
}

// The digits before the first '-' of the id in the body.
std::size_t NumberIn(const std::string& body) {
  const auto at = body.find("0000");
  return at == std::string::npos ? 0 : std::stoul(body.substr(at, 8));
}

struct World {
  test::TempDir home;
  std::unique_ptr<HttpServer> server;
  std::string endpoint;

  World() {
    auto listener = Listen("127.0.0.1:0");
    REQUIRE(listener.ok());
    endpoint = "http://127.0.0.1:" + std::to_string(listener.value().port);
    std::vector<Listener> listeners;
    listeners.push_back(std::move(listener).value());
    auto started = HttpServer::Start(
        {.threads = 1}, std::move(listeners),
        [](const HttpRequest& request, const HttpServer::Reply& reply) {
          reply(AnswerOf(Refusals().at(NumberIn(request.body))));
        },
        [](const Refusal& refusal) { return AnswerOf(refusal); });
    REQUIRE(started.ok());
    server = std::move(started).value();
  }
  void Compare(std::vector<std::string> words) const {
    words.push_back(std::to_string(Refusals().size()));
    const auto run = RunClient(words, ClientEnvironment(endpoint, home.path().string()));
    CHECK_MESSAGE(run.status == 0, run.output);
    std::string expected;
    for (std::size_t i = 0; i < Refusals().size(); ++i) {
      expected += std::to_string(i) + " " + std::string(Refusals()[i].type) + " text " + std::to_string(i) + "\n";
    }
    CHECK(run.output == expected);
  }
};

}  // namespace

TEST_CASE("boto3") {
  World().Compare({"/usr/bin/python3", kFolder + "error_classes.py"});
}

TEST_CASE("The SDK for JavaScript") {
  World().Compare({BERTH_NODE, BERTH_NODE_ERRORS});
}

TEST_CASE("The SDK for Go") {
  World().Compare({BERTH_GO_ERRORS});
}

TEST_CASE("The AWS CLI") {
  World().Compare({"/bin/bash", kFolder + "error_classes.sh"});
}

}  // namespace berth::dataapi
