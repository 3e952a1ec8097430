#include "live.h"

namespace berth::session::live {
namespace {

TEST_CASE("Reset cleans settings, prepared statements and transactions") {
  auto params = Params();
  params.search_path = "sales";
  auto session = Open(params);
  Good(*session,
       "set work_mem = '77MB'; set search_path = other; prepare \"P one\" as select 1; prepare q as select 2");
  CHECK(session->stain() == Stain::kSettings);
  Good(*session, "deallocate q; begin; declare c cursor for select 1");
  CHECK(session->state() == SessionState::kInTransaction);
  const Status reset = session->Reset(Soon());
  REQUIRE_MESSAGE(reset.ok(), reset.error().message);
  CHECK(session->state() == SessionState::kIdle);
  CHECK(session->stain() == Stain::kNone);
  CHECK(Good(*session,
             "select current_setting('work_mem') = '77MB', current_setting('search_path'), "
             "current_setting('extra_float_digits'), current_setting('client_connection_check_interval'), "
             "(select count(*) from pg_prepared_statements), (select count(*) from pg_cursors)") ==
        (Redshift() ? "f|sales|2|0|0|0\n[SELECT 1]" : "f|sales|2|5s|0|0\n[SELECT 1]"));  // no such setting there
  CHECK(Good(*session, "prepare \"P one\" as select 1") == "[PREPARE]");
}

TEST_CASE("Reset out of a failed transaction") {
  auto session = Open();
  Good(*session, "begin");
  Bad(*session, "nonsense");
  CHECK(session->Reset(Soon()).ok());
  CHECK(session->state() == SessionState::kIdle);
}

TEST_CASE("objects stay a stain, whatever is reset") {
  auto session = Open();
  Good(*session, "create temp table t(a int)");
  CHECK(session->stain() == Stain::kObjects);
  CHECK(session->Reset(Soon()).ok());
  CHECK(session->stain() == Stain::kObjects);
}

TEST_CASE("the tags of what really ran count too") {
  auto session = Open();
  Good(*session, "select 1; explain select 2");
  CHECK(session->stain() == Stain::kNone);
  Good(*session, "create function pg_catalog.berth_set() returns text language sql as 'select 1::text'");
  CHECK(session->stain() == Stain::kNone);
  Good(*session, "drop function pg_catalog.berth_set()");
  Good(*session, "listen x");
  CHECK(session->stain() == Stain::kObjects);
}

TEST_CASE("an error in Reset is told") {
  auto session = Open();
  Good(*session, "set application_name = 'reset-me'");
  Server().Psql("select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'reset-me'");
  const Status reset = session->Reset(Soon());
  REQUIRE(!reset.ok());
  CHECK(reset.error().session_fate == SessionFate::kDiscard);
}

}  // namespace
}  // namespace berth::session::live
