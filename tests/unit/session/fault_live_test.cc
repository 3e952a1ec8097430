// Every phase of a session with a link that fails in it: the right error, before its deadline, and nothing left behind.
// Straight to PostgreSQL, also where the suite runs with Redshift's manners: bytes are counted, and nobody else opens
// links.
#include <filesystem>
#include <functional>
#include <future>

#include "live.h"
#include "support/fault_proxy.h"

namespace berth::session::live {
namespace {

using std::chrono::milliseconds;
using test::Fault;
using test::FaultProxy;
using Kind = Fault::Kind;
using Way = Fault::Way;

constexpr milliseconds kLate{1'500};   // what a busy machine may add to a limit
constexpr milliseconds kLimit{1'000};  // of what stalls: long enough that it is under way by then, under TSan as well

std::size_t Count(const char* folder) {
  const std::filesystem::directory_iterator entries(folder);
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

// Descriptors and threads are as many at its end as at its beginning.
class NothingLeaks {
 public:
  NothingLeaks() : descriptors_(Count("/proc/self/fd")), threads_(Count("/proc/self/task")) {}
  ~NothingLeaks() {
    CHECK(Count("/proc/self/fd") == descriptors_);
    CHECK(Count("/proc/self/task") == threads_);
  }

 private:
  const std::size_t descriptors_;
  const std::size_t threads_;
};

ConnectParams Through(const FaultProxy& proxy) {
  auto params = Params();
  params.port = proxy.port();
  return params;
}

milliseconds Took(const std::function<void()>& what) {
  const auto began = RealClock().Now();
  what();
  return std::chrono::duration_cast<milliseconds>(RealClock().Now() - began);
}

TEST_CASE("a login that is cut off at any byte") {
  {
    FaultProxy proxy(Server().server_port());
    Open(Through(proxy));  // whatever is made once is made
  }
  const NothingLeaks nothing;
  for (const Kind kind : {Kind::kDrop, Kind::kReset}) {
    for (const Way way : {Way::kToServer, Way::kToClient}) {
      FaultProxy proxy(Server().server_port());
      std::size_t failed = 0;
      bool opened = false;
      for (std::size_t at = 0; at < 1'200 && !opened; at += 29) {
        CAPTURE(at);
        proxy.OnNewLinks({.kind = kind, .way = way, .after = at});
        auto session = Factory().Open(Through(proxy), In(10'000), nullptr);
        opened = session.ok();
        if (opened) continue;
        ++failed;
        CHECK(session.error().code == ErrorCode::kUnavailable);
        CHECK(session.error().Sqlstate() == "08001");
        CHECK(session.error().session_fate == SessionFate::kDiscard);
      }
      CHECK(failed >= 8);  // startup, two or three messages of the password, the settings
      CHECK(opened);
    }
  }
}

struct Loss {
  const char* name;
  const char* sql;
  Way way;
  std::size_t after;
  bool in_doubt;
  int rows_there;  // afterwards in fault_rows; -1: not looked at
};

TEST_CASE("a session that is cut off in any phase of a statement") {
  constexpr Loss kLosses[] = {
      {"a query, before the server saw it", "select 1", Way::kToServer, 0, false, -1},
      {"a query, half sent", "select 1", Way::kToServer, 3, false, -1},
      {"an insert, before the server saw it", "insert into fault_rows values (1)", Way::kToServer, 0, true, 0},
      {"an insert, its answer", "insert into fault_rows values (1)", Way::kToClient, 0, true, 1},
      {"an insert, half its answer", "insert into fault_rows values (1)", Way::kToClient, 9, true, 1},
      {"the first row, half", "select generate_series(1, 10), repeat('x', 100)", Way::kToClient, 120, false, -1},
      {"in mid-result", "select generate_series(1, 10000), repeat('x', 100)", Way::kToClient, 50'000, false, -1},
      {"a commit, before the server saw it", "commit", Way::kToServer, 0, true, 0},
      {"a commit, its answer", "commit", Way::kToClient, 0, true, 1},
  };
  Server().Psql("create table fault_rows (i int)");
  {
    const NothingLeaks nothing;
    for (const Kind kind : {Kind::kDrop, Kind::kReset}) {
      for (const Loss& loss : kLosses) {
        CAPTURE(loss.name);
        Server().Psql("truncate fault_rows");
        FaultProxy proxy(Server().server_port());
        auto session = Open(Through(proxy));
        if (std::string_view(loss.sql) == "commit") Good(*session, "begin; insert into fault_rows values (1)");
        proxy.OnOpenLinks({.kind = kind, .way = loss.way, .after = loss.after});
        const Error error = Bad(*session, loss.sql, {}, In(10'000));
        CHECK(error.code == ErrorCode::kSessionLost);
        CHECK(error.Sqlstate() == "08006");
        CHECK(error.session_fate == SessionFate::kDiscard);
        CHECK(error.in_doubt == loss.in_doubt);
        CHECK_FALSE(error.hint.empty());
        CHECK(session->state() == SessionState::kBroken);
        session.reset();
        if (loss.rows_there >= 0) {
          // The backend may still be at it: the lock waits until it is gone.
          CHECK(Server()
                    .Psql("begin; lock fault_rows; select count(*) from fault_rows; commit")
                    .find(std::to_string(loss.rows_there)) != std::string::npos);
        }
      }
    }
  }
  Server().Psql("drop table fault_rows");
}

struct Stalled {
  Error error;
  milliseconds took{0};
};

Stalled StalledLogin(Fault fault, bool accept_none) {
  FaultProxy proxy(Server().server_port());
  proxy.OnNewLinks(fault);
  proxy.AcceptNone(accept_none);
  auto params = Through(proxy);
  params.connect_timeout = kLimit;
  Stalled stalled;
  stalled.took = Took([&] {
    auto session = Factory().Open(params, Soon(), nullptr);
    if (!session.ok()) stalled.error = std::move(session).TakeError();
  });
  return stalled;
}

// `cancel_too`: the request to stop does not come through either.
Stalled StalledStatement(const char* sql, Fault fault, bool cancel_too, milliseconds socket_timeout,
                         Deadline deadline) {
  FaultProxy proxy(Server().server_port());
  auto params = Through(proxy);
  params.socket_timeout = socket_timeout;
  auto session = Factory().Open(params, Soon(), nullptr);
  Stalled stalled;
  if (!session.ok()) return stalled;
  proxy.OnOpenLinks(fault);
  proxy.AcceptNone(cancel_too);
  stalled.took = Took([&] {
    auto text = Run(*session.value(), sql, {}, deadline);
    if (!text.ok()) stalled.error = std::move(text).TakeError();
    session.value().reset();
  });
  return stalled;
}

TEST_CASE("a link that falls silent ends at its limit, in any phase") {
  const NothingLeaks nothing;
  constexpr char kRows[] = "select generate_series(1, 10000), repeat('x', 100)";
  const auto later = [](auto work) { return std::async(std::launch::async, work); };
  const auto stall = [](Way way, std::size_t after) { return Fault{.kind = Kind::kStall, .way = way, .after = after}; };
  std::vector<std::future<Stalled>> logins;
  for (const std::size_t after : {0, 30, 150, 300}) {
    logins.push_back(later([=] { return StalledLogin(stall(Way::kToServer, after), false); }));
    logins.push_back(later([=] { return StalledLogin(stall(Way::kToClient, after), false); }));
  }
  logins.push_back(later([] { return StalledLogin({}, true); }));
  const milliseconds none{0};
  auto deadline =
      later([=] { return StalledStatement(kRows, stall(Way::kToClient, 50'000), false, none, In(kLimit.count())); });
  auto no_cancel =
      later([=] { return StalledStatement(kRows, stall(Way::kToClient, 0), true, none, In(kLimit.count())); });
  auto unsent = later([=] {
    return StalledStatement("insert into nowhere values (1)", stall(Way::kToServer, 0), true, none, In(kLimit.count()));
  });
  auto silence = later([=] { return StalledStatement("select 1", stall(Way::kToClient, 0), true, kLimit, Soon()); });
  auto close = later([=] {
    FaultProxy proxy(Server().server_port());
    auto session = Factory().Open(Through(proxy), Soon(), nullptr);
    proxy.OnOpenLinks(stall(Way::kToServer, 0));
    return Stalled{.took = Took([&] { session = std::unique_ptr<Session>(); })};
  });
  auto ping = later([=] {
    FaultProxy proxy(Server().server_port());
    auto session = Factory().Open(Through(proxy), Soon(), nullptr);
    proxy.OnOpenLinks(stall(Way::kToServer, 0));
    Stalled stalled;
    stalled.took = Took([&] { stalled.error = session.value()->Ping(In(kLimit.count())).error(); });
    return stalled;
  });
  auto cancelled = later([=] {
    FaultProxy proxy(Server().server_port());
    auto session = Factory().Open(Through(proxy), Soon(), nullptr);
    proxy.OnOpenLinks(stall(Way::kToClient, 50'000));
    Stalled stalled;
    auto rows = session.value()->Execute(kRows, {}, Soon());
    session.value()->Cancel();
    stalled.took = Took([&] {
      for (auto row = rows.value()->Next();; row = rows.value()->Next()) {
        if (row.ok() && row.value()) continue;
        if (!row.ok()) stalled.error = std::move(row).TakeError();
        break;
      }
      rows.value().reset();
    });
    return stalled;
  });

  for (auto& login : logins) {
    const Stalled stalled = login.get();
    CHECK(stalled.error.code == ErrorCode::kUnavailable);
    CHECK(stalled.error.message.find("CONNECT_TIMEOUT of 1000 ms") != std::string::npos);
    CHECK(stalled.took < kLimit + kLate);
  }
  for (auto* statement : {&deadline, &no_cancel, &unsent, &silence}) {
    const bool insert = statement == &unsent;
    const bool socket = statement == &silence;
    const Stalled stalled = statement->get();
    CHECK(stalled.error.code == ErrorCode::kDeadlineExceeded);
    CHECK(stalled.error.session_fate == SessionFate::kDiscard);
    CHECK(stalled.error.in_doubt == insert);
    CHECK((stalled.error.message.find("socketTimeout of 1000 ms") != std::string::npos) == socket);
    CHECK(stalled.took < kLimit + kCancelGrace + kCloseWait + kLate);
  }
  const Stalled by_hand = cancelled.get();
  CHECK(by_hand.error.code == ErrorCode::kCancelled);
  CHECK(by_hand.took < kCancelGrace + kLate);
  const Stalled pinged = ping.get();
  CHECK(pinged.error.code == ErrorCode::kDeadlineExceeded);
  CHECK(pinged.took < kLimit + kLate);
  const Stalled closed = close.get();
  CHECK(closed.took < kCloseWait + kLate);
}

}  // namespace
}  // namespace berth::session::live
