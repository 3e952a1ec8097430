#include "dataapi/event_poster.h"

#include <atomic>
#include <utility>

#include <doctest/doctest.h>

#include "dataapi/http_client.h"
#include "dataapi/http_server.h"
#include "dataapi/watch_page.h"
#include "fake_statements.h"
#include "support/manual_clock.h"

namespace berth::dataapi {
namespace {

statements::StatementEvent Event(std::int64_t number, std::int64_t attempts = 0) {
  return {.number = number,
          .statement_id = "d9b6c0c9-0747-4bf4-b142-e8883122f766",
          .statement_name = "nightly",
          .caller = "etl",
          .connection = "warehouse",
          .target = {.cluster_identifier = "redshift-cluster-1"},
          .state = statements::StatementState::kFinished,
          .rows = 3,
          .redshift_query_id = -1,
          .at = Clock::Wall(std::chrono::seconds(1'795'353'255)),
          .expires_at = Clock::Wall(std::chrono::seconds(1'795'439'655)),
          .attempts = attempts};
}

}  // namespace

TEST_CASE("An event is EventBridge's, and the same one keeps its id") {
  const auto text = EventText(Event(1), "local");
  CHECK(text.find(R"("detail-type":"Redshift Data Statement Status Change","source":"aws.redshift-data")") !=
        std::string::npos);
  CHECK(text.find(R"("time":"2026-11-22T13:14:15Z")") != std::string::npos);
  CHECK(text.find(R"("resources":["arn:aws:redshift:local::cluster:redshift-cluster-1"])") != std::string::npos);
  CHECK(text.find(R"("detail":{"principal":"etl","statementName":"nightly",)"
                  R"("statementId":"d9b6c0c9-0747-4bf4-b142-e8883122f766","redshiftQueryId":-1,"state":"FINISHED",)"
                  R"("rows":3,"expireAt":1795439655})") != std::string::npos);
  CHECK(text == EventText(Event(2, 5), "local"));
}

TEST_CASE("Told once the URL answers with 2xx; otherwise again, ever later") {
  test::ManualClock clock;
  test::FakeStatements statements;
  std::vector<Result<int>> answers;
  EventPoster poster(
      statements,
      [&](const std::string&) -> Result<int> {
        auto answer = std::move(answers.back());
        answers.pop_back();
        return answer;
      },
      clock);
  statements.events = {Event(1), Event(2), Event(3, 4), Event(4, 60)};
  answers.emplace_back(Error{.code = ErrorCode::kUnavailable, .message = "gone"});
  answers.emplace_back(503);
  answers.emplace_back(302);
  answers.emplace_back(204);
  poster.Round();
  CHECK(statements.told == std::vector<std::int64_t>{1});
  using Seconds = std::chrono::seconds;
  REQUIRE(statements.failed.size() == 3);
  CHECK(statements.failed[0] == std::pair<std::int64_t, Clock::Wall>(2, clock.WallNow() + Seconds(1)));
  CHECK(statements.failed[1] == std::pair<std::int64_t, Clock::Wall>(3, clock.WallNow() + Seconds(16)));
  CHECK(statements.failed[2] == std::pair<std::int64_t, Clock::Wall>(4, clock.WallNow() + Seconds(300)));
}

TEST_CASE("URLs to post to") {
  const auto url = ReadHttpUrl("https://hooks.example/a/b?c=d#e");
  REQUIRE(url.ok());
  CHECK(url.value().tls);
  CHECK(url.value().host == "hooks.example");
  CHECK(url.value().port == "443");
  CHECK(url.value().target == "/a/b?c=d");
  CHECK(ReadHttpUrl("http://[::1]:80").value().host == "::1");
  CHECK(ReadHttpUrl("http://h?x").value().target == "/?x");
  for (const auto* wrong :
       {"", "ftp://h/", "http://", "http:///x", "http://u:p@h/", "http://h:port/", "http://h/a b"}) {
    CAPTURE(wrong);
    CHECK_FALSE(ReadHttpUrl(wrong).ok());
  }
}

TEST_CASE("Posting over HTTP: the status comes back, silence and refusal are errors") {
  std::string got;
  auto listener = Listen("127.0.0.1:0");
  REQUIRE(listener.ok());
  const auto port = std::to_string(listener.value().port);
  std::vector<Listener> listeners;
  listeners.push_back(std::move(listener).value());
  std::vector<HttpServer::Reply> kept;
  auto server = HttpServer::Start(
      {.threads = 1}, std::move(listeners),
      [&](HttpRequest request, HttpServer::Reply reply) {
        if (request.target == "/silent") return kept.push_back(std::move(reply));
        got = request.method + " " + request.target + " " + *request.Find("content-type") + " " + request.body;
        reply({.status = 202, .content_type = "", .headers = {}, .body = "x"});
      },
      [](const Refusal&) { return HttpResponse{}; });
  REQUIRE(server.ok());
  const auto post = [&](const std::string& path, std::chrono::milliseconds wait) {
    return PostJson(ReadHttpUrl("http://127.0.0.1:" + port + path).value(), R"({"a":1})", wait);
  };
  const auto status = post("/hook?k=v", std::chrono::seconds(10));
  REQUIRE(status.ok());
  CHECK(status.value() == 202);
  CHECK(got == R"(POST /hook?k=v application/json {"a":1})");
  CHECK_FALSE(post("/silent", std::chrono::milliseconds(50)).ok());
  server.value().reset();
  CHECK_FALSE(post("/hook", std::chrono::seconds(10)).ok());
  CHECK_FALSE(PostJson(ReadHttpUrl("https://127.0.0.1:" + port).value(), "{}", std::chrono::seconds(10)).ok());
}

}  // namespace berth::dataapi
