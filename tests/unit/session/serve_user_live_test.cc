#include "live.h"

namespace berth::session::live {
namespace {

constexpr const char* kSeen =
    "select current_setting('application_name'), current_setting('work_mem') = '77MB', current_user = session_user, "
    "(select count(*) from pg_prepared_statements), (select count(*) from pg_cursors)";

TEST_CASE("A user's name is told to the server, and nothing is sent again while the session serves him") {
  auto session = Open();
  REQUIRE(session->ServeUser("ann", "berth/ann", Soon()).ok());
  CHECK(Good(*session, "select current_setting('application_name')") == "berth/ann\n[SELECT 1]");
  Good(*session, "set work_mem = '77MB'");
  REQUIRE(session->ServeUser("ann", "berth/ann", Soon()).ok());
  CHECK(Good(*session, "select current_setting('work_mem')") == "77MB\n[SELECT 1]");
  REQUIRE(session->Reset(Soon()).ok());
  CHECK(Good(*session, "select current_setting('application_name')") == "berth-test\n[SELECT 1]");
  REQUIRE(session->ServeUser("ann", "it's \\ann", Soon()).ok());
  CHECK(Good(*session, "select current_setting('application_name')") == "it's \\ann\n[SELECT 1]");
}

TEST_CASE("Another user sees no setting, role, prepared statement or cursor of the one before") {
  auto session = Open();
  REQUIRE(session->ServeUser("ann", "berth/ann", Soon()).ok());
  Good(*session, "set work_mem = '77MB'; prepare p as select 1; begin; declare c cursor for select 1");
  REQUIRE(session->ServeUser("bob", "berth/bob", Soon()).ok());
  CHECK(session->state() == SessionState::kIdle);
  CHECK(Good(*session, kSeen) == "berth/bob|f|t|0|0\n[SELECT 1]");
  REQUIRE(session->ServeUser("", "", Soon()).ok());
  CHECK(Good(*session, kSeen) == "berth-test|f|t|0|0\n[SELECT 1]");
}

TEST_CASE("What no reset takes away is found on PostgreSQL, and the session is not given to another user") {
  if (Redshift()) return;  // its functions make nothing
  Server().Psql(
      "create or replace function public.leave_temp() returns int language plpgsql as "
      "$$ begin create temp table left_behind(a int); return 1; end $$");
  for (const auto* text : {"select public.leave_temp()", "select pg_advisory_lock(42)", "listen berth_test"}) {
    CAPTURE(text);
    auto session = Open();
    REQUIRE(session->ServeUser("ann", "berth/ann", Soon()).ok());
    Good(*session, text);
    const auto served = session->ServeUser("bob", "berth/bob", Soon());
    REQUIRE_FALSE(served.ok());
    CHECK(served.error().session_fate == SessionFate::kDiscard);
  }
}

}  // namespace
}  // namespace berth::session::live
