#include "engine/load_errors.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "engine/memory_rows.h"
#include "support/manual_clock.h"

namespace berth::engine {
namespace {

constexpr char kFailed[] = "Load into table 't' failed.  Check 'stl_load_errors' system table for details.";

// Answers one question with rows or an error.
class AskedSession final : public session::Session {
 public:
  AskedSession() { info.redshift = true; }

  Result<Outcome> Execute(std::string_view sql, Parameters /*parameters*/, Deadline until) override {
    asked.emplace_back(sql);
    deadline = until;
    if (error) return *error;
    RowsBuilder builder({"file", "line", "column", "type", "value", "code", "reason"});
    for (const auto& row : rows) builder.Add(row);
    return builder.Build();
  }
  void Cancel() override {}
  Status Reset(Deadline /*deadline*/) override { return {}; }
  Status Ping(Deadline /*deadline*/) override { return {}; }
  bool LooksAlive() override { return true; }
  session::SessionState state() const override { return state_now; }
  session::Stain stain() const override { return session::Stain::kNone; }
  const session::ServerInfo& server() const override { return info; }
  bool backslash_escapes() const override { return true; }
  void SetNoticeSink(NoticeSink /*sink*/) override {}
  void SetClientData(ClientData /*data*/) override {}
  void SetEager(bool /*eager*/) override {}

  session::ServerInfo info;
  session::SessionState state_now = session::SessionState::kIdle;
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::optional<Error> error;
  std::vector<std::string> asked;
  Deadline deadline = Deadline::Never();
};

struct Fixture {
  test::ManualClock clock;
  AskedSession session;
  Error Told(Error error) { return WithLoadErrors(std::move(error), session, clock, Deadline::Never()); }
  Error Told() { return Told({.code = ErrorCode::kServer, .message = kFailed, .sqlstate = "XX000"}); }
};

TEST_CASE("the rows follow in DETAIL, each on a line, cut where they are long") {
  Fixture fixture;
  std::string long_value(kLoadErrorValueMax - 1, 'v');
  fixture.session.rows = {{"s3://b/f", "3", "qty", "int4", long_value + "\xC3\xBC and more", "1207", "Invalid digit"},
                          {"s3://b/f", "4", "", std::nullopt, "a\nb", "1202", "Extra column(s)\nfound"}};
  const Error error = fixture.Told();
  CHECK(error.message == kFailed);
  CHECK(error.sqlstate == "XX000");
  CHECK(error.detail == "s3://b/f, line 3, column qty (int4), value '" + long_value +
                            "..': Invalid digit (error 1207)\ns3://b/f, line 4: Extra column(s) found (error 1202)");
  CHECK(error.hint.empty());
  CHECK(error.session_fate == SessionFate::kKeep);
  CHECK(fixture.session.asked.size() == 1);
  CHECK(fixture.session.deadline.Passed(fixture.clock) == false);
  fixture.clock.Advance(kLoadErrorsWait);
  CHECK(fixture.session.deadline.Passed(fixture.clock));
}

TEST_CASE("at most five rows, and that there are more") {
  Fixture fixture;
  fixture.session.rows.assign(kLoadErrorsMax, {"f", "1", "c", "t", "v", "1", "r"});
  CHECK(fixture.Told().detail.find("More are in") == std::string::npos);
  fixture.session.rows.assign(kLoadErrorsMax + 1, {"f", "1", "c", "t", "v", "1", "r"});
  CHECK(fixture.Told().detail.ends_with("(error 1)\nMore are in stl_load_errors."));
}

TEST_CASE("nothing is asked where it is no failed load, no Redshift, or no place to ask") {
  Fixture fixture;
  CHECK(fixture.Told({.code = ErrorCode::kServer, .message = "relation \"t\" does not exist"}).detail.empty());
  CHECK(fixture.Told({.code = ErrorCode::kSessionLost, .message = kFailed}).hint.empty());
  fixture.session.info.redshift = false;
  CHECK(fixture.Told().hint.empty());
  fixture.session.info = {.redshift = true, .backend_pid = 4321};
  fixture.session.state_now = session::SessionState::kFailedTransaction;
  CHECK(fixture.Told().hint ==
        "After ROLLBACK: SELECT * FROM stl_load_errors WHERE session = 4321 ORDER BY starttime DESC.");
  CHECK(fixture.session.asked.empty());
}

TEST_CASE("the asking fails: the COPY's own error stays, and the hint says so") {
  Fixture fixture;
  fixture.session.error = Error{.code = ErrorCode::kServer, .message = "permission denied"};
  const Error denied = fixture.Told();
  CHECK(denied.message == kFailed);
  CHECK(denied.hint == "stl_load_errors could not be read: permission denied");
  CHECK(denied.session_fate == SessionFate::kKeep);
  fixture.session.error = Error{.code = ErrorCode::kSessionLost, .session_fate = SessionFate::kDiscard};
  CHECK(fixture.Told().session_fate == SessionFate::kDiscard);
}

}  // namespace
}  // namespace berth::engine
