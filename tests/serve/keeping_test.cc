// How a service is kept: certificates and logs that change under it, where it listens, and how it ends.
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>

#include <doctest/doctest.h>

#include "serving.h"
#include "support/certificate.h"
#include "tls_client.h"

namespace berth::test {
namespace {

std::string StatusOf(DataClient& client, const std::string& id, const std::string& wait = "") {
  return std::string(MemberIn(client.Need("DescribeStatement", R"({"Id":")" + id + "\"" + wait + "}"), "Status"));
}

}  // namespace

TEST_CASE("TLS: SIGHUP brings a new certificate, and one that is none leaves the old in force") {
  const Home files;
  MakeCertificate(files.path().string(), "first");
  Serving serving({"--tls-cert", files / "cert.pem", "--tls-key", files / "key.pem"});
  CHECK(serving.child().error().find("https://127.0.0.1:") != std::string::npos);
  const auto answer = PostOverTls(serving.port(), "ListStatements", "{}");
  CHECK(answer.common_name == "first");
  CHECK(answer.text.starts_with("HTTP/1.1 200"));
  CHECK(answer.text.find(R"("Statements":[])") != std::string::npos);
  CHECK_FALSE(serving.Client().Call("ListStatements", "{}"));  // not without TLS
  const auto sql = Execute("SELECT repeat('x', 1000) FROM generate_series(1, 500)", R"(,"WaitTimeSeconds":30)");
  const auto ran = PostOverTls(serving.port(), "ExecuteStatement", sql);
  const auto page =
      PostOverTls(serving.port(), "GetStatementResult", R"({"Id":")" + std::string(MemberIn(ran.text, "Id")) + "\"}");
  CAPTURE(ran.text);
  CAPTURE(page.text.substr(0, 300));
  CHECK(page.text.size() > 500'000);
  CHECK(page.text.ends_with(R"("TotalNumRows":500})"));

  MakeCertificate(files.path().string(), "second");
  serving.child().Signal(SIGHUP);
  Until([&] { return PostOverTls(serving.port(), "ListStatements", "{}").common_name == "second"; });
  static_cast<void>(files.Write("cert.pem", "no certificate"));
  serving.child().Signal(SIGHUP);
  serving.child().AwaitError("cannot use the certificate");
  CHECK(PostOverTls(serving.port(), "ListStatements", "{}").common_name == "second");
}

TEST_CASE("The audit log is opened anew on SIGHUP, so that it can be moved aside") {
  const Home files;
  const std::string log = files / "audit.log";
  const std::string old = files / "audit.log.1";
  Serving serving({"--audit-log", log});
  auto client = serving.Client();
  const auto run = [&] {
    return std::string(
        MemberIn(client.Need("ExecuteStatement", Execute("SELECT 1", R"(,"WaitTimeSeconds":30)")), "Id"));
  };
  const auto first = run();
  Until([&] { return ReadFile(log).find("\"ended\"") != std::string::npos; });
  std::filesystem::rename(log, old);
  serving.child().Signal(SIGHUP);
  Until([&] { return std::filesystem::exists(log); });
  const auto second = run();
  Until([&] { return ReadFile(log).find("\"ended\"") != std::string::npos; });
  CHECK(ReadFile(old).find(first) != std::string::npos);
  CHECK(ReadFile(old).find(second) == std::string::npos);
  CHECK(ReadFile(log).find(second) != std::string::npos);
  CHECK(ReadFile(log).find("SELECT") == std::string::npos);
}

TEST_CASE("A low limit of descriptors is raised to what the system allows") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit low{.rlim_cur = 256, .rlim_max = before.rlim_max};
  REQUIRE(low.rlim_cur < before.rlim_max);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
  Serving serving;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit served{};
  REQUIRE(::prlimit(serving.child().pid(), RLIMIT_NOFILE, nullptr, &served) == 0);
  CHECK(served.rlim_cur == before.rlim_max);
}

TEST_CASE("Beyond the loopback: not without signatures, and not without TLS") {
  const Home home;
  const auto bare = Run(home, {"serve", "--auth", "none", "--listen", "0.0.0.0:0"});
  CHECK(bare.status == 2);
  CHECK(bare.error.find("0.0.0.0 is beyond the loopback, and requests are not signed") != std::string::npos);
  const auto dev = Run(home, {"serve", "--dev", "postgresql://u:p@127.0.0.1:1/d", "--listen", "0.0.0.0:0"});
  CHECK(dev.status == 2);
  CHECK(dev.error.find("requests are not signed") != std::string::npos);
}

TEST_CASE("SIGTERM: what runs may end until the deadline, the rest is cancelled and says so, what waits is run next") {
  Serving serving({"--drain", "3s", "--workers", "2"});
  auto client = serving.Client();
  const auto submit = [&](const std::string& sql) {
    return std::string(MemberIn(client.Need("ExecuteStatement", Execute(sql)), "Id"));
  };
  const auto brief = submit("SELECT pg_sleep(1)");
  const auto endless = submit("SELECT pg_sleep(600)");
  Until([&] { return StatusOf(client, brief) == "STARTED" && StatusOf(client, endless) == "STARTED"; });
  const auto waiting = submit("SELECT 42");
  serving.child().Signal(SIGTERM);
  serving.child().AwaitError("berth stops: running statements have 3 s");
  CHECK(StatusOf(client, brief, R"(,"WaitTimeSeconds":10)") == "FINISHED");  // described meanwhile
  Until([&] {
    const auto refused = client.Call("ExecuteStatement", Execute("SELECT 2"));
    return !refused || (refused->status == 503 && MemberIn(refused->body, "__type") == "ServiceUnavailable");
  });
  CHECK(serving.child().Wait() == 0);

  serving.Start();
  auto next = serving.Client();
  const std::string said(next.Need("DescribeStatement", R"({"Id":")" + endless + "\"}"));
  CHECK(MemberIn(said, "Status") == "ABORTED");
  CHECK(said.find("The service was stopped while the statement ran, and cancelled it") != std::string::npos);
  CHECK(StatusOf(next, waiting, R"(,"WaitTimeSeconds":30)") == "FINISHED");
  CHECK(MemberIn(next.Need("GetStatementResult", R"({"Id":")" + waiting + "\"}"), "longValue") == "42");
}

TEST_CASE("A kept session ends with its process, and the next one says that it is not available") {
  Serving serving;
  auto client = serving.Client();
  const std::string opened(
      client.Need("ExecuteStatement",
                  Execute("CREATE TEMP TABLE t (a int)", R"(,"SessionKeepAliveSeconds":600,"WaitTimeSeconds":30)")));
  const std::string session(MemberIn(opened, "SessionId"));
  const std::string id(MemberIn(opened, "Id"));
  const auto in_session = R"({"Sql":"SELECT * FROM t","WaitTimeSeconds":30,"SessionId":")" + session + "\"}";
  CHECK(MemberIn(client.Need("ExecuteStatement", in_session), "Status") == "FINISHED");
  serving.child().Signal(SIGKILL);
  serving.child().Wait();
  serving.Start();
  auto next = serving.Client();
  CHECK(StatusOf(next, id) == "FINISHED");
  const auto refused = next.Call("ExecuteStatement", in_session);
  REQUIRE(refused);
  CHECK(refused->status == 400);
  CHECK(refused->body.find("Session is not available.") != std::string_view::npos);
}

}  // namespace berth::test
