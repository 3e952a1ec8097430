#include "live.h"
#include "session/statement_cache.h"

namespace berth::session::live {
namespace {

using Values = std::vector<std::optional<std::string>>;

// The names of ours that the server has prepared. Asked without parameters, so it is not among them.
std::string Kept(Session& session) {
  return Good(session, "select count(*) from pg_prepared_statements where name like 'berth_cached%'");
}

TEST_CASE("a text with parameters that comes again is prepared once; one that comes once is not") {
  auto session = Open();
  const Values values = {"41"};
  for (int i = 0; i < 3; ++i) CHECK(Good(*session, "select $1::int + 1", values) == "42\n[SELECT 1]");
  CHECK(Good(*session, "select $1::int + 2", values) == "43\n[SELECT 1]");
  CHECK(Kept(*session) == "1\n[SELECT 1]");
  CHECK(session->stain() == Stain::kNone);
}

TEST_CASE("what is kept is given back by name: as others come, after a SET, and by Reset") {
  auto session = Open();
  const Values values = {"1"};
  for (std::size_t i = 0; i < kCachedMax + 3; ++i) {
    const std::string sql = "select $1::int + " + std::to_string(i);
    Good(*session, sql, values);
    Good(*session, sql, values);
  }
  CHECK(Kept(*session) == std::to_string(kCachedMax) + "\n[SELECT 1]");
  Good(*session, "set search_path to public");
  Good(*session, "select $1::int", values);
  Good(*session, "select $1::int", values);
  CHECK(Kept(*session) == "1\n[SELECT 1]");
  REQUIRE(session->Reset(Soon()).ok());
  CHECK(Kept(*session) == "0\n[SELECT 1]");
  CHECK(Good(*session, "select $1::int", values) == "1\n[SELECT 1]");
}

TEST_CASE("an error in a text that is prepared is the text's own, with its place") {
  auto session = Open();
  const Values values = {"1"};
  const std::string sql = "select $1::int / 0 from nowhere";
  for (int i = 0; i < 3; ++i) {
    const Error error = Bad(*session, sql, values);
    CHECK(error.Sqlstate() == "42P01");
    REQUIRE(error.span);
    CHECK(error.span->offset == sql.find("nowhere"));
    CHECK(session->state() == SessionState::kIdle);
  }
  for (int i = 0; i < 3; ++i) CHECK(Bad(*session, "select 1 / $1::int", Values{"0"}).Sqlstate() == "22012");
  CHECK(Good(*session, "select 1 / $1::int", values) == "1\n[SELECT 1]");
}

TEST_CASE("a table that changes under a prepared text: prepared anew; within a transaction its error, and then anew") {
  if (Redshift()) return;  // the manners' server takes no DDL of another session in between
  auto session = Open();
  auto other = Open();
  Good(*other, "drop table if exists prepared_changes; create table prepared_changes (a int)");
  Good(*other, "insert into prepared_changes values (7)");
  const Values values = {"7"};
  const std::string sql = "select * from prepared_changes where a = $1";
  for (int i = 0; i < 3; ++i) CHECK(Good(*session, sql, values) == "7\n[SELECT 1]");
  Good(*other, "alter table prepared_changes add b text default 'x'");
  CHECK(Good(*session, sql, values) == "7|x\n[SELECT 1]");
  Good(*session, sql, values);
  Good(*other, "alter table prepared_changes add c int");
  Good(*session, "begin");
  CHECK(Bad(*session, sql, values).Sqlstate() == "0A000");
  Good(*session, "rollback");
  for (int i = 0; i < 3; ++i) CHECK(Good(*session, sql, values) == "7|x|~\n[SELECT 1]");
  CHECK(Kept(*session) == "1\n[SELECT 1]");
  Good(*other, "drop table prepared_changes");
}

TEST_CASE("what a holder takes away at the server himself is prepared anew") {
  if (Redshift()) return;  // no DEALLOCATE ALL there
  auto session = Open();
  const Values values = {"5"};
  for (int i = 0; i < 2; ++i) Good(*session, "select $1::int", values);
  // By a procedure's hands, so that no text says it.
  Good(*session, "do $$ begin execute 'deallocate all'; end $$");
  for (int i = 0; i < 3; ++i) CHECK(Good(*session, "select $1::int", values) == "5\n[SELECT 1]");
}

TEST_CASE("a statement that is cancelled while it is prepared leaves the session whole") {
  auto session = Open();
  const Values values = {"0"};
  Good(*session, "select pg_sleep($1::float)", values);
  const Error error = Bad(*session, "select pg_sleep($1::float)", Values{"20"}, In(200));
  CHECK(error.code == ErrorCode::kDeadlineExceeded);
  CHECK(session->state() == SessionState::kIdle);
  CHECK(Good(*session, "select $1::int", Values{"3"}) == "3\n[SELECT 1]");
}

}  // namespace
}  // namespace berth::session::live
