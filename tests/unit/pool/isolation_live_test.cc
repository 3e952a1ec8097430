#include <fmt/core.h>

#include <string>

#include <doctest/doctest.h>

#include "pool/pool.h"
#include "support/temp_postgres.h"

// What one holder of a pooled session leaves behind, and the next one sees of it.
namespace berth::pool {
namespace {

using std::chrono::seconds;

struct OneSession {
  OneSession() {
    postgres.Psql(
        "DROP ROLE IF EXISTS pool_isolation; DROP ROLE IF EXISTS pool_other; CREATE ROLE pool_other; "
        "CREATE ROLE pool_isolation LOGIN PASSWORD 'pool-secret-1' IN ROLE pool_other");
    options.connection_id = 1;
    options.connection_name = "etl";
    options.sessions_max = 1;
    options.params = [this](Deadline) -> Result<session::ConnectParams> {
      session::ConnectParams params;
      params.host = postgres.host();
      params.port = postgres.port();
      params.database = postgres.database();
      params.user = "pool_isolation";
      params.password = Secret("pool-secret-1");
      params.sslmode = "disable";
      return params;
    };
    pool = Pool::Create(options, {*factory, *ledger, Clock::System()});
  }
  Lease Take() const {
    auto lease = pool->Acquire(Deadline::After(Clock::System(), seconds(60)));
    if (!lease.ok()) FAIL(lease.error().message);
    return std::move(lease).value();
  }
  static std::string Run(session::Session& session, const std::string& sql) {
    auto outcome = session.Execute(sql, {}, Deadline::After(Clock::System(), seconds(60)));
    if (!outcome.ok()) return std::string(outcome.error().Sqlstate());
    std::string field;
    for (;;) {
      auto row = outcome.value()->Next();
      if (!row.ok()) return std::string(row.error().Sqlstate());
      if (row.value() && !row.value()->empty()) field = row.value()->front().value_or("null");
      if (row.value()) continue;
      auto more = outcome.value()->NextResult();
      if (!more.ok()) return std::string(more.error().Sqlstate());
      if (!more.value()) return field;
    }
  }
  // A does `left`; what B gets by `looked`.
  std::string Seen(const std::string& left, const std::string& looked) const {
    {
      const Lease a = Take();
      const std::string done = Run(*a, left);
      CHECK_MESSAGE(done.size() != 5, left, ": ", done);
    }
    const Lease b = Take();
    return Run(*b, looked);
  }

  test::TempPostgres& postgres = test::TempPostgres::Shared();
  std::unique_ptr<session::SessionFactory> factory = session::MakeLibpqFactory(Clock::System());
  std::unique_ptr<SlotLedger> ledger = MakeLocalLedger();
  PoolOptions options;
  std::shared_ptr<Pool> pool;
};

TEST_CASE("B of a pooled session sees neither a setting, a role, a table, a prepared statement nor a cursor of A") {
  if (test::TempPostgres::HasRedshiftManners()) return;  // SET ROLE and pg_cursors are PostgreSQL's
  const OneSession f;
  const std::string path = "SELECT current_setting('search_path')";
  CHECK(f.Seen("SET search_path = nowhere", path) == "\"$user\", public");
  CHECK(f.Seen("SELECT set_config('search_path', 'nowhere', false)", path) == "\"$user\", public");
  CHECK(f.Seen("BEGIN; SET LOCAL search_path = nowhere", path) == "\"$user\", public");
  CHECK(f.Seen("SET ROLE pool_other", "SELECT current_user") == "pool_isolation");
  CHECK(f.Seen("SELECT set_config('role', 'pool_other', false)", "SELECT current_user") == "pool_isolation");
  CHECK(f.Seen("SET SESSION AUTHORIZATION pool_isolation; SET ROLE pool_other", "SELECT current_user") ==
        "pool_isolation");
  CHECK(f.Seen("CREATE TEMPORARY TABLE left_behind (a int)", "SELECT a FROM left_behind") == "42P01");
  CHECK(f.Seen("SELECT 1 AS a INTO TEMPORARY left_behind", "SELECT a FROM left_behind") == "42P01");
  CHECK(f.Seen("PREPARE left_behind AS SELECT 1", "EXECUTE left_behind") == "26000");
  CHECK(f.Seen("BEGIN; DECLARE left_behind CURSOR FOR SELECT 1", "FETCH left_behind") == "34000");
  CHECK(f.Seen("DECLARE left_behind CURSOR WITH HOLD FOR SELECT 1", "SELECT count(*) FROM pg_cursors") == "0");
  CHECK(f.Seen("LISTEN left_behind", "SELECT count(*) FROM pg_listening_channels()") == "0");
  CHECK(f.Seen("SELECT pg_advisory_lock(7)", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == "0");
  CHECK(f.Seen("BEGIN", "SELECT pg_current_xact_id_if_assigned() IS NULL") == "t");
}

}  // namespace
}  // namespace berth::pool
