#include "engine/job_run.h"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "bind/timetable.h"
#include "engine/job_lock.h"
#include "engine/job_texts.h"
#include "engine/job_work_impl.h"
#include "unit/engine/engine_fixture.h"

namespace berth::engine {
namespace {

using catalog::RunState;
using test::EngineFixture;
using test::FakeRows;
using test::FakeSession;
using test::kCreateWh;

// A job `j` on a fake server that is due every minute, and one minute later.
struct World : EngineFixture {
  JobWorkImpl work{shared, watch};
  std::unique_ptr<ConversationImpl> talk = Talk();

  explicit World(const std::string& body = "$$ INSERT INTO wh.s.t SELECT 1; DELETE FROM wh.s.u $$") {
    REQUIRE(Say(*talk, kCreateWh) == "CREATE CONNECTION");
    REQUIRE(Say(*talk, "CREATE JOB j CONNECTION = wh RUN_INTERVAL = 1 MINUTE RETRIES = 1 AS " + body) == "CREATE JOB");
    clock.Advance(std::chrono::minutes(1));
  }
  catalog::Job Job() {
    const auto transaction = store->Begin(catalog::Access::kRead, Deadline::Never());
    REQUIRE(transaction.ok());
    auto job = transaction.value()->FindJob("j");
    REQUIRE(job.ok());
    REQUIRE(job.value().has_value());
    return *std::move(job).value();
  }
  Clock::Wall Tick() {
    const auto job = Job();
    const auto tick = bind::LastTick({.run_interval = job.plan.run_interval, .cron = {}, .time_zone = {}},
                                     Clock::Wall(), clock.WallNow());
    REQUIRE(tick.has_value());
    return *tick;
  }
  // "succeeded", "failed", ..; "not ours" where another one has it.
  std::string Run(std::int32_t attempt = 1) { return RunAt(Tick(), attempt); }
  std::string RunAt(Clock::Wall tick, std::int32_t attempt) {
    const auto runner = work.NewRunner();
    const auto end = runner->Run({.job_id = Job().id, .tick = tick, .attempt = attempt, .timeout = {}});
    if (!end.ok()) return end.error().message;
    return end.value() ? std::string(catalog::RunStateName(end.value()->run.state)) : "not ours";
  }
  // As a process leaves it that dies at that point.
  void Leave(RunState state) {
    auto transaction = store->Begin(catalog::Access::kWrite, Deadline::Never());
    REQUIRE(transaction.ok());
    auto run = transaction.value()->InsertJobRun({.job_id = Job().id, .connection = "wh", .tick = Tick()});
    REQUIRE(run.ok());
    run.value().state = state;
    REQUIRE(transaction.value()->UpdateJobRun(run.value()).ok());
    REQUIRE(transaction.value()->Commit().ok());
  }
  void FailWith(Error error) {
    server.OnExecute([error](FakeSession& session, std::string_view sql, Parameters, Deadline) -> Result<Outcome> {
      if (sql == "BEGIN") session.SetState(session::SessionState::kInTransaction);
      if (sql.starts_with("DELETE")) return error;
      return Outcome(std::make_unique<FakeRows>(std::string(sql)));
    });
  }
};

Error Division() {
  return {.code = ErrorCode::kServer, .message = "password = 'leaked-1' is wrong", .sqlstate = "22012"};
}

}  // namespace

TEST_CASE("a script is sent statement by statement, in one transaction, without the connection's name") {
  World world;
  CHECK(world.Run() == "succeeded");
  CHECK(world.server.CountEvents("BEGIN") == 1);
  CHECK(world.server.CountEvents("INSERT INTO s.t SELECT 1") == 1);
  CHECK(world.server.CountEvents("DELETE FROM s.u") == 1);
  CHECK(world.server.CountEvents("COMMIT") == 1);
}

TEST_CASE("one statement is sent by itself, as Redshift takes it") {
  const std::pair<std::string, std::string> kBodies[] = {
      {"COPY wh.s.t FROM 's3://b/k' IAM_ROLE default CSV", "COPY s.t FROM 's3://b/k' IAM_ROLE default CSV"},
      {"UNLOAD ('SELECT * FROM wh.s.t WHERE c = ''x''') TO 's3://b/k' IAM_ROLE default",
       "UNLOAD ('SELECT * FROM s.t WHERE c = ''x''') TO 's3://b/k' IAM_ROLE default"},
      {"MERGE INTO wh.s.t USING wh.s.u ON t.a = u.a REMOVE DUPLICATES",
       "MERGE INTO s.t USING s.u ON t.a = u.a REMOVE DUPLICATES"},
      {"CALL s.p()", "CALL s.p()"},
      {"REFRESH MATERIALIZED VIEW s.v", "REFRESH MATERIALIZED VIEW s.v"},
      {"VACUUM wh.s.t", "VACUUM s.t"},
      {"ANALYZE wh.s.t", "ANALYZE s.t"},
  };
  for (const auto& [body, sent] : kBodies) {
    CAPTURE(body);
    World world(body);
    CHECK(world.Run() == "succeeded");
    CHECK(world.server.CountEvents(sent) == 1);
    CHECK(world.server.CountEvents("BEGIN") == 0);
  }
}

TEST_CASE("a tick is run once") {
  World world;
  CHECK(world.Run() == "succeeded");
  CHECK(world.Run() == "not ours");
  CHECK(world.Run(2) == "not ours");
  world.clock.Advance(std::chrono::minutes(1));
  CHECK(world.Run() == "succeeded");
  CHECK(world.RunAt(world.Tick() - std::chrono::minutes(1), 1) == "not ours");
}

TEST_CASE("a failed attempt may be made again, one that is in doubt may not") {
  World world;
  world.FailWith(Division());
  CHECK(world.Run() == "failed");
  CHECK(world.Run() == "not ours");
  CHECK(world.Run(3) == "not ours");
  const auto run = *world.Job().last_run;
  CHECK(run.sqlstate == "22012");
  CHECK(run.error.find("leaked") == std::string::npos);
  auto lost = Division();
  lost.code = ErrorCode::kSessionLost;
  lost.in_doubt = true;
  world.FailWith(lost);
  CHECK(world.Run(2) == "failed");
  CHECK(world.Job().last_run->in_doubt);
  CHECK(world.Run(3) == "not ours");
}

TEST_CASE("what died before anything was sent is run again, what died later is in doubt") {
  World waiting;
  waiting.Leave(RunState::kWaiting);
  CHECK_FALSE(waiting.work.Running(waiting.Job().id));
  CHECK(waiting.work.SettleCutOff(waiting.Job().id).value());
  CHECK_FALSE(waiting.work.SettleCutOff(waiting.Job().id).value());
  CHECK(waiting.Job().last_run->state == RunState::kAbandoned);
  CHECK(waiting.Run() == "succeeded");
  CHECK(waiting.Run() == "not ours");

  World running;
  running.Leave(RunState::kRunning);
  CHECK(running.Run() == "not ours");  // and settles it on the way
  CHECK(running.Job().last_run->state == RunState::kFailed);
  CHECK(running.Job().last_run->in_doubt);
  CHECK(running.Run(2) == "not ours");
  CHECK(running.server.CountEvents("BEGIN") == 0);
}

TEST_CASE("who holds the lock runs the job, and nobody else") {
  World world;
  {
    const auto lock = JobLock::Try(*world.store, world.Job().id);
    REQUIRE(lock.ok());
    REQUIRE(lock.value().has_value());
    CHECK(world.work.Running(world.Job().id));
    CHECK_FALSE(JobLock::Try(*world.store, world.Job().id).value().has_value());
    CHECK(JobLock::Try(*world.store, world.Job().id + 1).value().has_value());
    CHECK(world.Run() == "not ours");
    CHECK(EngineFixture::Say(*world.talk, "RUN JOB j") == "55006 job j runs now: it does not run twice at a time");
    CHECK_FALSE(world.work.SettleCutOff(world.Job().id).value());
  }
  CHECK_FALSE(world.work.Running(world.Job().id));
  CHECK(world.Run() == "succeeded");
}

TEST_CASE("a job that was paused or altered meanwhile is left alone") {
  World world;
  const auto tick = world.Tick();
  REQUIRE(EngineFixture::Say(*world.talk, "PAUSE JOB j") == "PAUSE JOB");
  CHECK(world.RunAt(tick, 1) == "not ours");
  CHECK(EngineFixture::Say(*world.talk, "RUN JOB j") == "RUN JOB");  // a person may
  REQUIRE(EngineFixture::Say(*world.talk, "RESUME JOB j") == "RESUME JOB");
  CHECK(world.RunAt(tick, 1) == "not ours");  // it was due while it rested
  world.clock.Advance(std::chrono::minutes(1));
  const auto later = world.Tick();
  REQUIRE(EngineFixture::Say(*world.talk, "ALTER JOB j UNSET RUN_INTERVAL") == "ALTER JOB");
  CHECK(world.RunAt(later, 1) == "not ours");
  REQUIRE(EngineFixture::Say(*world.talk, "DROP JOB j") == "DROP JOB");
}

TEST_CASE("MAP_COLUMNS_BY_NAME is read as it is written") {
  const auto read = ReadMappedInsert("INSERT INTO s.\"T t\" MAP_COLUMNS_BY_NAME EXCEPT a, \"B\" SELECT 1", false);
  REQUIRE(read.ok());
  REQUIRE(read.value().has_value());
  CHECK(read.value()->target == "s.\"T t\"");
  CHECK(read.value()->except == std::vector<std::string>{"a", "B"});
  CHECK(ColumnsQuery(*read.value()) == "SELECT * FROM (SELECT 1\n) AS berth_source LIMIT 0");
  CHECK(InsertByName(*read.value(), {"a", "B", "c\"d"}).value() ==
        "INSERT INTO s.\"T t\" (\"c\"\"d\") SELECT \"c\"\"d\" FROM (SELECT 1\n) AS berth_source");
  CHECK(InsertByName(*read.value(), {"a", "B"}).error().message == "MAP_COLUMNS_BY_NAME EXCEPT leaves no column");
  CHECK_FALSE(ReadMappedInsert("INSERT INTO t SELECT map_columns_by_name FROM u", false).value().has_value());
  CHECK_FALSE(ReadMappedInsert("DELETE FROM t", false).value().has_value());
  CHECK(ReadMappedInsert("INSERT INTO t MAP_COLUMNS_BY_NAME", false).error().code == ErrorCode::kSyntax);
  CHECK(ReadMappedInsert("INSERT INTO t MAP_COLUMNS_BY_NAME EXCEPT 1 SELECT 1", false).error().code ==
        ErrorCode::kSyntax);
}

}  // namespace berth::engine
