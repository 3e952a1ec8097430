// COPY .. FROM STDIN with rows of the client's.
#include "live.h"

namespace berth::session::live {
namespace {

// Gives the pieces one after the other.
ClientData Pieces(std::vector<std::string> pieces) {
  return [pieces = std::move(pieces), at = std::size_t(0)]() mutable -> Result<std::string_view> {
    return at == pieces.size() ? std::string_view() : std::string_view(pieces[at++]);
  };
}

TEST_CASE("rows of the client go in, for one statement") {
  if (Redshift()) return;  // it refuses such a COPY itself
  auto session = Open();
  Good(*session, "create temp table t(a int, b text)");
  session->SetClientData(Pieces({"1\tone\n2\tt", "wo\n", std::string("3\t") + std::string(200'000, 'x') + "\n"}));
  CHECK(Good(*session, "copy t from stdin") == "[COPY 3]");
  CHECK(session->state() == SessionState::kIdle);
  CHECK(Good(*session, "select count(*), max(length(b)) from t") == "3|200000\n[SELECT 1]");
  CHECK(Bad(*session, "copy t from stdin").code == ErrorCode::kNotSupported);  // they were for the one before
  session->SetClientData(Pieces({}));
  CHECK(Good(*session, "insert into t values (4); copy t from stdin; select count(*) from t") ==
        "[INSERT 0 1][COPY 0]4\n[SELECT 1]");
}

TEST_CASE("what ends it undoes it, and the session is kept") {
  if (Redshift()) return;
  auto session = Open();
  Good(*session, "create temp table t(a int)");
  session->SetClientData(Pieces({"1\nx\n", std::string(1'000'000, '7')}));
  const Error server = Bad(*session, "copy t from stdin");
  CHECK(server.Sqlstate() == "22P02");
  CHECK(server.detail.find("line 2") != std::string::npos);
  session->SetClientData([at = 0]() mutable -> Result<std::string_view> {
    if (at++ == 0) return std::string_view("1\n");
    return Error{.code = ErrorCode::kInvalidArgument, .message = "the disk is gone"};
  });
  const Error own = Bad(*session, "copy t from stdin");
  CHECK(own.message == "the disk is gone");
  CHECK(own.session_fate == SessionFate::kKeep);
  session->SetClientData([&]() -> Result<std::string_view> {
    session->Cancel();
    return std::string_view("1\n");
  });
  CHECK(Bad(*session, "copy t from stdin").code == ErrorCode::kCancelled);
  CHECK(session->state() == SessionState::kIdle);
  CHECK(Good(*session, "select count(*) from t") == "0\n[SELECT 1]");
}

}  // namespace
}  // namespace berth::session::live
