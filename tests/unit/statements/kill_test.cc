#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "base/unique_fd.h"
#include "support/page_text.h"
#include "support/temp_dir.h"
#include "unit/statements/fake_engine.h"
#include "unit/statements/service_fixture.h"

namespace berth::statements {
namespace {

constexpr int kRounds = 50;
constexpr int kClients = 4;
constexpr int kRows = 500;

// What a child has told before it was killed: "A <token> <id>" of each statement that was accepted, "F <token> <id>" of
// each that a waiter was told of as finished.
struct Told {
  std::map<std::string, std::string> accepted, finished;  // id by token
};

void Say(int fd, const std::string& line) {
  if (::write(fd, line.data(), line.size()) < 0) ::_exit(1);
}

// Its text is a comment with the token, so that the log tells what ran.
SubmitRequest RequestWith(const std::string& token) {
  auto request = RequestOf("rows " + std::to_string(kRows) + " " + token);
  request.client_token = token;
  return request;
}

std::unique_ptr<StatementService> OpenAt(FakeEngine& engine, const std::string& folder) {
  ServiceOptions options{.engine = &engine, .folder = folder};
  options.limits.active_max = options.limits.active_per_caller_max = 100'000;
  auto opened = StatementService::Open(options);
  return opened.ok() ? std::move(opened).value() : nullptr;
}

// What runs is written to `log`, in one write each, before it has any effect.
void LogTexts(FakeEngine& engine, int log) {
  engine.on_text = [log](std::string_view text) { Say(log, std::string(text) + "\n"); };
}

[[noreturn]] void Serve(const std::string& folder, int log, int out, int round) {
  FakeEngine engine;
  LogTexts(engine, log);
  const auto service = OpenAt(engine, folder);
  if (!service) ::_exit(1);
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0;; ++i) {
        const auto token = "t" + std::to_string(round) + "_" + std::to_string(client) + "_" + std::to_string(i);
        Answer<StatementFacts> answer, again;
        service->Submit(RequestWith(token), answer.Done());
        if (i % 3 == 0) service->Submit(RequestWith(token), again.Done());  // a retry that crosses it
        const auto accepted = answer.Await();
        if (!accepted.ok()) ::_exit(1);
        const auto& id = accepted.value().id;
        Say(out, "A " + token + " " + id + "\n");
        service->Wait("ann", id, Deadline::Never(), [out, token, id](const Result<StatementFacts>& facts) {
          if (facts.ok() && facts.value().progress.state == StatementState::kFinished) {
            Say(out, "F " + token + " " + id + "\n");
          }
        });
      }
    });
  }
  for (auto& client : clients) client.join();
  ::_exit(0);
}

// Reads what the child says and kills it in the middle of it.
Told ServeAndKill(const std::string& folder, int log, int round, std::size_t lines) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) Serve(folder, log, ends[1], round);
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  bool killed = false;
  while (true) {
    const auto got = ::read(ends[0], buffer.data(), buffer.size());
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (killed || static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) < lines) continue;
    ::kill(pid, SIGKILL);
    killed = true;
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  REQUIRE(WIFSIGNALED(status));
  Told told;
  std::istringstream in(text);
  for (std::string what, token, id; in >> what >> token >> id && id.size() == 36;) {
    (what == "A" ? told.accepted : told.finished)[token] = id;
  }
  return told;
}

// The rows of a finished statement, each once.
void CheckRows(StatementService& service, const std::string& id) {
  const auto page = service.Page("ann", id, "", ResultFormat::kJson);
  if (!page.ok()) FAIL(page.error().message);
  std::string expected;
  for (int i = 0; i < kRows; ++i) {
    expected += (i == 0 ? "[{\"longValue\":" : ",[{\"longValue\":") + std::to_string(i) + "}]";
  }
  if (test::PageText(page.value()) != std::string(kPageHead) + "[" + expected + "]") FAIL("a torn page");
}

// What the service says of everything that a killed child was told.
void CheckTold(StatementService& service, const Told& told, std::map<std::string, int>& states) {
  for (const auto& [token, id] : told.accepted) {
    const auto facts = Ended(service, id);
    ++states[std::string(StateName(facts.progress.state))];
    if (facts.progress.state == StatementState::kFinished) {
      CheckRows(service, id);
    } else if (facts.progress.error.find("in doubt") == std::string::npos) {
      FAIL(facts.progress.error);
    }
    const auto retried = SubmitId(service, RequestWith(token));
    if (retried != id) FAIL("a token stands for two statements");
  }
  for (const auto& [token, id] : told.finished) {
    if (StateOf(service, id) != "FINISHED") FAIL("an end that was told is lost");
  }
}

TEST_CASE("killed at any moment, no accepted statement is lost, none runs twice, no page is torn") {
  test::TempDir folder;
  const std::string log_path = folder / "log";
  const base::UniqueFd log(::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  std::mt19937 random(20261122);
  std::map<std::string, int> states;
  std::size_t accepted = 0;
  for (int round = 0; round < kRounds; ++round) {
    const auto told = ServeAndKill(folder / "s", log.get(), round, 1 + random() % 200);
    accepted += told.accepted.size();
    FakeEngine engine;
    LogTexts(engine, log.get());
    const auto service = OpenAt(engine, folder / "s");
    REQUIRE(service);
    CheckTold(*service, told, states);
  }
  std::ifstream in(log_path);
  std::map<std::string, int> runs;
  for (std::string line; std::getline(in, line);) ++runs[line];
  const auto most =
      std::max_element(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  REQUIRE(most != runs.end());
  CHECK(most->second == 1);
  MESSAGE("accepted " << accepted << ", finished " << states["FINISHED"] << ", in doubt " << states["FAILED"]
                      << ", ran " << runs.size());
  CHECK(accepted > kRounds);
  CHECK(states["FAILED"] > 0);
  CHECK(states["FINISHED"] > 0);
}

}  // namespace
}  // namespace berth::statements
