#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/fake_session.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"
#include "unit/statements/fake_engine.h"
#include "unit/statements/service_fixture.h"

namespace berth::statements {
namespace {

using test::Eventually;

struct Fixture {
  test::ManualClock clock;
  test::TempDir folder;
  FakeEngine engine;
  ServiceOptions options{.engine = &engine, .folder = folder / "statements", .clock = &clock};
  std::unique_ptr<StatementService> service = Open();

  std::unique_ptr<StatementService> Open() {
    auto opened = StatementService::Open(options);
    if (!opened.ok()) FAIL(opened.error().message);
    return std::move(opened).value();
  }
  void Reopen() {
    service.reset();
    service = Open();
  }
  // Lets that much time pass and the service do what it does from time to time.
  void Pass(std::chrono::milliseconds time) { clock.Advance(time); }
};

std::string Message(const Status& status) {
  return status.ok() ? "OK" : status.error().message;
}

TEST_CASE("a statement is accepted, runs and gives its rows") {
  Fixture at;
  auto request = RequestOf("rows 3");
  request.statement_name = "three";
  const auto accepted = Submit(*at.service, request);
  REQUIRE(accepted.ok());
  CHECK(accepted.value().sqls == std::vector<std::string>{"rows 3"});
  const auto facts = Ended(*at.service, accepted.value().id);
  CHECK(facts.progress.state == StatementState::kFinished);
  CHECK(facts.progress.result_rows == 3);
  CHECK(facts.progress.result_size == 3 * (4 + 2 + 4 + 1));  // what AWS says of it
  CHECK(facts.progress.has_result_set);
  CHECK(facts.progress.redshift_query_id == -1);
  CHECK(facts.redshift_pid == 1);
  CHECK(facts.target.database == "dev");
  const auto page = at.service->Page("ann", facts.id, "", ResultFormat::kJson);
  REQUIRE(page.ok());
  CHECK(page.value().records == R"({"Records":[[{"longValue":0}],[{"longValue":1}],[{"longValue":2}]])");
  CHECK(page.value().total_rows == 3);
  CHECK_FALSE(page.value().next_token);
  CHECK(at.engine.open() == 0);  // its session went back
}

TEST_CASE("a small result is there after the service has ended, and goes with its statement") {
  Fixture at;
  const auto id = RunToEnd(*at.service, RequestOf("rows 3")).id;
  const auto large = RunToEnd(*at.service, RequestOf("rows 2000")).id;
  const auto batch = RunToEnd(*at.service, BatchOf({"rows 1", "rows 2000", "rows 2"}));
  const auto files = [&] {
    const auto folder = std::filesystem::directory_iterator(at.options.folder + "/results");
    return std::distance(std::filesystem::begin(folder), std::filesystem::end(folder));
  };
  CHECK(files() == 2);
  const auto rows = [&](const std::string& of) {
    const auto page = at.service->Page("ann", of, "", ResultFormat::kJson);
    return page.ok() ? page.value().total_rows : -1;
  };
  for (int i = 0; i < 2; ++i) {
    CHECK(rows(id) == 3);
    CHECK(rows(large) == 2000);
    CHECK(rows(batch.id + ":1") == 1);
    CHECK(rows(batch.id + ":2") == 2000);
    CHECK(rows(batch.id + ":3") == 2);
    at.Reopen();
  }
  at.Pass(std::chrono::hours(25));
  CHECK(Eventually([&] {
    at.Pass(std::chrono::minutes(1));
    return files() == 0;
  }));
  CHECK(rows(id) == -1);
  CHECK(rows(batch.id + ":3") == -1);
}

TEST_CASE("a refused login is counted apart from other statements without a session") {
  Fixture at;
  at.engine.login_error = Error{.code = ErrorCode::kUnauthenticated, .message = "no"};
  CHECK(RunToEnd(*at.service, RequestOf("rows 1")).progress.state == StatementState::kFailed);
  at.engine.login_error = Error{.code = ErrorCode::kDeadlineExceeded, .message = "none came free"};
  CHECK(RunToEnd(*at.service, RequestOf("rows 1")).progress.state == StatementState::kFailed);
  const auto stats = at.service->Stats();
  CHECK(stats.login_failures == 1);
  CHECK(stats.acquire_failures == 2);
}

TEST_CASE("nobody sees another's statement") {
  Fixture at;
  const auto id = RunToEnd(*at.service, RequestOf("rows 1")).id;
  CHECK(StateOf(*at.service, id, "bob") == "Query does not exist.");
  CHECK(Message(at.service->Cancel("bob", id)) == "Query does not exist.");
  CHECK(at.service->Page("bob", id, "", ResultFormat::kJson).error().code == ErrorCode::kNotFound);
  CHECK(at.service->List({.caller = "bob"}).value().statements.empty());
  Answer<StatementFacts> answer;
  at.service->Wait("bob", id, Deadline::Never(), answer.Done());
  CHECK(answer.Await().error().message == "Query does not exist.");
  CHECK(StateOf(*at.service, "NOTVALID").starts_with("id must satisfy regex pattern"));
}

TEST_CASE("an error is worded as the drivers word it") {
  Fixture at;
  const auto failed = RunToEnd(*at.service, RequestOf("fail"));
  CHECK(failed.progress.state == StatementState::kFailed);
  CHECK(failed.progress.error == "ERROR: it failed");
  CHECK_FALSE(failed.progress.has_result_set);
  const auto lost = RunToEnd(*at.service, RequestOf("lose"));
  CHECK(lost.progress.error.find("in doubt") != std::string::npos);
  const auto several = RunToEnd(*at.service, RequestOf("rows 1; rows 2"));
  CHECK(several.progress.error.starts_with("ERROR: cannot insert multiple commands into a prepared statement"));
  CHECK(RunToEnd(*at.service, RequestOf("rows 1;")).progress.state == StatementState::kFinished);
  CHECK(at.service->Page("ann", failed.id, "", ResultFormat::kJson).error().message ==
        "Query does not have result. Please check query status with DescribeStatement.");
}

TEST_CASE("the same token and request is the same statement, another request is refused") {
  Fixture at;
  auto request = RequestOf("rows 1");
  request.client_token = "t-1";
  const auto id = SubmitId(*at.service, request);
  CHECK(SubmitId(*at.service, request) == id);
  at.Reopen();
  CHECK(SubmitId(*at.service, request) == id);
  auto other = request;
  other.sqls = {"rows 2"};
  CHECK(Submit(*at.service, other).error().message.starts_with("ClientToken was used with another request"));
  other.caller = "bob";
  CHECK(SubmitId(*at.service, other) != id);
  at.Pass(std::chrono::hours(9));
  CHECK(SubmitId(*at.service, request) != id);
}

TEST_CASE("parameters are bound, and the sent names are kept") {
  Fixture at;
  auto request = RequestOf("insert :id, ':id', :id");
  request.parameters = {{.name = "id", .value = "7"}};
  const auto facts = RunToEnd(*at.service, request);
  CHECK(facts.sqls.front() == "insert :id, ':id', :id");
  CHECK(facts.parameters == request.parameters);
  CHECK(at.engine.texts().back() == "1 insert $1, ':id', $1 [7]");
  request.parameters.push_back({.name = "unused", .value = "x"});
  CHECK(Submit(*at.service, request).error().message ==
        "Parameters list contains unused parameters. Unused parameters: [unused]");
}

TEST_CASE("limits refuse by name, and one user cannot fill the queue for another") {
  Fixture at;
  at.options.limits.active_max = 3;
  at.options.limits.active_per_caller_max = 2;
  at.Reopen();
  SubmitId(*at.service, RequestOf("block"));
  auto token = RequestOf("block");
  token.client_token = "t";
  const auto second = SubmitId(*at.service, token);
  const auto third = Submit(*at.service, RequestOf("block"));
  CHECK(third.error().code == ErrorCode::kThrottled);
  CHECK(third.error().message.find("--active-per-user-max") != std::string::npos);
  CHECK(SubmitId(*at.service, token) == second);  // was accepted before
  SubmitId(*at.service, RequestOf("block", "bob"));
  const auto fourth = Submit(*at.service, RequestOf("block", "carol"));
  CHECK(fourth.error().code == ErrorCode::kResourceExhausted);
  CHECK(fourth.error().message.find("--active-max") != std::string::npos);
  at.engine.Release();
  REQUIRE(Eventually([&] { return at.service->Stats().finished == 3; }));
  CHECK(Submit(*at.service, RequestOf("rows 1")).ok());
}

TEST_CASE("one slot of a cap is left to others, and callers take turns") {
  Fixture at;
  at.engine.connections[0].sessions_max = 3;
  ++at.engine.version;
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(SubmitId(*at.service, RequestOf("block")));
  const auto other = SubmitId(*at.service, RequestOf("rows 1", "bob"));
  REQUIRE(Eventually([&] { return at.engine.blocked() == 2; }));
  CHECK(StateOf(*at.service, ids.back()) == "SUBMITTED");
  CHECK(at.service->Stats().submitted == 19);
  REQUIRE(at.service->Cancel("ann", ids.front()).ok());
  Ended(*at.service, other, "bob");  // the next turn is his, not that of the 18 who were there before him
  CHECK(StateOf(*at.service, ids.back()) == "SUBMITTED");
  at.engine.Release();
  CHECK(Ended(*at.service, ids.front()).progress.state == StatementState::kAborted);
  for (std::size_t i = 1; i < ids.size(); ++i) {
    CHECK(Ended(*at.service, ids[i]).progress.state == StatementState::kFinished);
  }
  CHECK(at.engine.open_most() == 2);
}

TEST_CASE("a statement is cancelled in every state") {
  Fixture at;
  at.engine.connections[0].sessions_max = 2;
  ++at.engine.version;
  const auto running = SubmitId(*at.service, RequestOf("block"));
  const auto waiting = SubmitId(*at.service, RequestOf("rows 1"));
  REQUIRE(Eventually([&] { return at.engine.blocked() == 1; }));
  CHECK(StateOf(*at.service, running) == "STARTED");
  CHECK(Message(at.service->Cancel("ann", waiting)) == "OK");
  CHECK(Ended(*at.service, waiting).progress.state == StatementState::kAborted);
  CHECK(Message(at.service->Cancel("ann", running)) == "OK");
  const auto facts = Ended(*at.service, running);
  CHECK(facts.progress.state == StatementState::kAborted);
  CHECK(facts.progress.error == "ERROR: Query cancelled on user's request");
  CHECK(Message(at.service->Cancel("ann", running)) ==
        "Could not cancel a query that is already in ABORTED state with ID: " + running);
  const auto finished = RunToEnd(*at.service, RequestOf("rows 1")).id;
  CHECK(Message(at.service->Cancel("ann", finished)) ==
        "Could not cancel a query that is already in FINISHED state with ID: " + finished);
  CHECK(at.engine.texts().size() == 2);  // what waited never ran
}

TEST_CASE("a wait ends at its deadline with how it is then, and too many are refused") {
  Fixture at;
  at.options.limits.waiters_max = 2;
  at.Reopen();
  const auto id = SubmitId(*at.service, RequestOf("block"));
  Answer<StatementFacts> first, second, third;
  at.service->Wait("ann", id, Deadline::After(at.clock, std::chrono::seconds(5)), first.Done());
  at.service->Wait("ann", id, Deadline::Never(), second.Done());
  at.service->Wait("ann", id, Deadline::Never(), third.Done());
  CHECK(third.Await().error().code == ErrorCode::kTooManyWaiters);
  CHECK_FALSE(first.there());
  at.Pass(std::chrono::seconds(6));
  CHECK_FALSE(IsFinal(first.Await().value().progress.state));
  at.engine.Release();
  CHECK(second.Await().value().progress.state == StatementState::kFinished);
}

TEST_CASE("statements are listed the newest first, by state, by the beginning of their name, page by page") {
  Fixture at;
  for (int i = 0; i < 5; ++i) {
    auto request = RequestOf(i == 2 ? "fail" : "rows 1");
    request.statement_name = i % 2 == 0 ? "even_" + std::to_string(i) : "Odd";
    RunToEnd(*at.service, request);
  }
  const auto all = at.service->List({.caller = "ann", .state = std::nullopt});
  CHECK(all.value().statements.size() == 5);
  CHECK(all.value().statements.front().statement_name == "even_4");
  CHECK(at.service->List({.caller = "ann"}).value().statements.size() == 4);
  CHECK(at.service->List({.caller = "ann", .state = StatementState::kFailed}).value().statements.size() == 1);
  CHECK(at.service->List({.caller = "ann", .name_prefix = "even"}).value().statements.size() == 2);
  CHECK(at.service->List({.caller = "ann", .name_prefix = "odd"}).value().statements.empty());
  CHECK(at.service->List({.caller = "ann", .database = "dev"}).value().statements.size() == 4);
  CHECK(at.service->List({.caller = "ann", .database = "other"}).value().statements.empty());
  ListRequest request{.caller = "ann", .state = std::nullopt, .max_results = 2};
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    const auto page = at.service->List(request);
    for (const auto& facts : page.value().statements) names.push_back(facts.statement_name);
    CHECK(page.value().next_token.has_value() == (i < 2));
    request.next_token = page.value().next_token.value_or("");
  }
  CHECK(names == std::vector<std::string>{"even_4", "Odd", "even_2", "Odd", "even_0"});
  request.next_token = "zz";
  CHECK(at.service->List(request).error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("a batch is one transaction: its first failure undoes the rest") {
  Fixture at;
  const auto good = RunToEnd(*at.service, BatchOf({"insert", "rows 2"}));
  CHECK(good.progress.state == StatementState::kFinished);
  CHECK(good.progress.result_rows == 2);
  CHECK(good.progress.redshift_query_id == 0);
  REQUIRE(good.sub_statements.size() == 2);
  CHECK(good.sub_statements[1].id == good.id + ":2");
  CHECK(at.service->Page("ann", good.id, "", ResultFormat::kJson).error().message ==
        "BatchExecuteStatement result can only be retrieved with sub-statement id.");
  CHECK(at.service->Page("ann", good.id + ":2", "", ResultFormat::kJson).value().total_rows == 2);
  CHECK(at.service->Describe("ann", good.id + ":2").value().sub_statements.size() == 1);
  CHECK(StateOf(*at.service, good.id + ":3") == "Query does not exist.");

  const auto bad = RunToEnd(*at.service, BatchOf({"rows 1", "fail", "rows 3"}));
  CHECK(bad.progress.state == StatementState::kFailed);
  CHECK(bad.progress.error == "Query #2 failed: ERROR: it failed");
  CHECK(bad.sub_statements[0].progress.state == StatementState::kAborted);
  CHECK(bad.sub_statements[1].progress.state == StatementState::kFailed);
  CHECK(bad.sub_statements[2].progress.state == StatementState::kAborted);
  CHECK_FALSE(at.service->Page("ann", bad.id + ":1", "", ResultFormat::kJson).ok());
  const auto texts = at.engine.texts();
  CHECK(std::vector<std::string>(texts.end() - 4, texts.end()) ==
        std::vector<std::string>{"2 BEGIN", "2 rows 1", "2 fail", "2 ROLLBACK"});
}

TEST_CASE("a batch that commits each goes on after a failure") {
  Fixture at;
  const auto facts = RunToEnd(*at.service, BatchOf({"rows 1", "fail", "rows 3"}, ExecutionMode::kAutoCommit));
  CHECK(facts.progress.state == StatementState::kFailed);
  CHECK(facts.sub_statements[0].progress.state == StatementState::kFinished);
  CHECK(facts.sub_statements[2].progress.state == StatementState::kFinished);
  CHECK(facts.progress.result_rows == 4);
  CHECK(at.service->Page("ann", facts.id + ":3", "", ResultFormat::kJson).value().total_rows == 3);
  CHECK(at.engine.texts() == std::vector<std::string>{"1 rows 1", "1 fail", "1 rows 3"});
}

TEST_CASE("results and statements are removed when their time is over") {
  Fixture at;
  const auto id = RunToEnd(*at.service, RequestOf("rows 2000")).id;
  const auto file = at.options.folder + "/results/" + id;
  CHECK(std::filesystem::exists(file));
  at.Pass(std::chrono::hours(23));
  CHECK(at.service->Page("ann", id, "", ResultFormat::kJson).ok());
  at.Pass(std::chrono::hours(2));
  CHECK(Eventually([&] {
    at.Pass(std::chrono::minutes(1));  // a look that was under way may have had the old time
    return !std::filesystem::exists(file);
  }));
  CHECK(StateOf(*at.service, id) == "Query does not exist.");
}

TEST_CASE("texts and errors are sealed at rest") {
  Fixture at;
  RunToEnd(*at.service, RequestOf("secret-text"));
  RunToEnd(*at.service, RequestOf("fail"));
  at.service.reset();
  for (const auto* name : {"statements.db", "statements.db-wal"}) {
    std::ifstream in(at.options.folder + "/" + name, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    CHECK(bytes.find("secret-text") == std::string::npos);
    CHECK(bytes.find("it failed") == std::string::npos);
  }
}

TEST_CASE("the end of a statement that wants an event is in the outbox until it is told") {
  Fixture at;
  auto request = RequestOf("rows 2");
  request.with_event = true;
  const auto id = RunToEnd(*at.service, request).id;
  RunToEnd(*at.service, RequestOf("rows 1"));
  at.Reopen();
  auto due = at.service->DueEvents(10).value();
  REQUIRE(due.size() == 1);
  CHECK(due[0].statement_id == id);
  CHECK(due[0].rows == 2);
  CHECK(due[0].state == StatementState::kFinished);
  CHECK(due[0].expires_at - due[0].at == std::chrono::hours(24));
  CHECK(at.service->EventFailed(due[0].number, at.clock.WallNow() + std::chrono::minutes(1)).ok());
  CHECK(at.service->DueEvents(10).value().empty());
  at.Pass(std::chrono::minutes(2));
  due = at.service->DueEvents(10).value();
  REQUIRE(due.size() == 1);
  CHECK(due[0].attempts == 1);
  CHECK(at.service->EventTold(due[0].number).ok());
  CHECK(at.service->DueEvents(10).value().empty());
}

}  // namespace
}  // namespace berth::statements
