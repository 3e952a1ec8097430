// Processes of the service that end in midst, killed or asked to, while clients send: they do as the SDKs do, and send
// a request again, with its ClientToken, until it is answered.
#include <signal.h>
#include <stdlib.h>

#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "serving.h"

namespace berth::test {
namespace {

constexpr int kClients = 4;
constexpr int kRows = 12'000;  // two pages

int Deaths() {
  const char* text = ::getenv("BERTH_TEST_KILLS");
  return text == nullptr ? 5 : std::stoi(text);
}

// What it did shows in the table `effects`, and what it gives in its rows.
std::string TextOf(const std::string& token) {
  return "WITH a AS (INSERT INTO effects VALUES ('" + token +
         "') RETURNING token) SELECT token, md5(g::text), g FROM a, "
         "generate_series(1, " +
         std::to_string(kRows) + ") g";
}

class Load {
 public:
  explicit Load(const Serving& serving, const std::string& name) {
    for (int i = 0; i < kClients; ++i) {
      threads_.emplace_back([this, &serving, prefix = name + std::to_string(i) + "_"] { Work(serving, prefix); });
    }
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() { Stop(); }
  void Stop() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return ids_.size();
  }
  const std::map<std::string, std::string>& ids() const { return ids_; }  // by token, once it was stopped
  const std::string& unexpected() const { return unexpected_; }

 private:
  void Work(const Serving& serving, const std::string& prefix) {
    auto client = serving.Client();
    for (int i = 0; !stop_; ++i) {
      const auto token = prefix + std::to_string(i);
      const auto body =
          Execute(TextOf(token), R"(,"ClientToken":")" + token + "\"" + (i % 2 == 0 ? R"(,"WaitTimeSeconds":5)" : ""));
      const auto id = Accepted(client, body);
      if (i % 3 == 0 && !id.empty() && Accepted(client, body) != id) Unexpected("another id for " + token);
      const std::lock_guard lock(mutex_);
      if (!id.empty()) ids_[token] = id;
    }
  }
  // Sends it until it is accepted; "": it was refused in a way that no client tries again.
  std::string Accepted(DataClient& client, const std::string& body) {
    while (true) {
      const auto answer = client.Call("ExecuteStatement", body);
      if (answer && answer->status == 200) return std::string(MemberIn(answer->body, "Id"));
      if (answer && answer->status != 503 && answer->body.find("ThrottlingException") == std::string_view::npos) {
        Unexpected(std::string(answer->body));
        return "";
      }
      Pass(10);
    }
  }
  void Unexpected(const std::string& text) {
    const std::lock_guard lock(mutex_);
    unexpected_ = text;
  }

  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> ids_;
  std::string unexpected_;
  std::vector<std::thread> threads_;
};

// All rows of its token, each once and in order.
bool IsWhole(DataClient& client, const std::string& id, const std::string& token) {
  int row = 0;
  std::string next;
  do {
    const auto page = client.Need(
        "GetStatementResult", R"({"Id":")" + id + "\"" + (next.empty() ? "" : R"(,"NextToken":")" + next + "\"") + "}");
    const std::string begin = R"([{"stringValue":")" + token + R"("},)";
    for (auto at = page.find(begin); at != std::string_view::npos; at = page.find(begin, at + 1)) {
      if (MemberIn(page.substr(at), "longValue") != std::to_string(++row)) return false;
    }
    next = MemberIn(page.substr(page.rfind("\"TotalNumRows\"")), "NextToken");
  } while (!next.empty());
  return row == kRows;
}

// How often each token's statement took effect.
std::map<std::string, int> Effects() {
  std::map<std::string, int> effects;
  std::istringstream in(TempPostgres::Shared().Psql("SELECT token FROM effects"));
  for (std::string token; in >> token;) ++effects[token];
  return effects;
}

// Each has ended; how many of each state. What is not finished must say that it is in doubt.
std::map<std::string, int> Verify(const Serving& serving, const Load& load) {
  auto client = serving.Client();
  std::map<std::string, int> states;
  std::vector<std::string> finished;
  for (const auto& [token, id] : load.ids()) {
    std::string said;
    std::string state;
    do {
      said = client.Need("DescribeStatement", R"({"Id":")" + id + R"(","WaitTimeSeconds":30})");
      state = MemberIn(said, "Status");
    } while (state != "FINISHED" && state != "FAILED" && state != "ABORTED");
    ++states[state];
    if (state == "FINISHED") {
      finished.push_back(token);
      CHECK_MESSAGE(IsWhole(client, id, token), token);
    } else {
      CHECK_MESSAGE(said.find("in doubt") != std::string::npos, said);
    }
  }
  const auto effects = Effects();
  for (const auto& [token, times] : effects) CHECK_MESSAGE(times == 1, token);
  for (const auto& token : finished) CHECK_MESSAGE(effects.contains(token), token);
  CHECK_MESSAGE(load.unexpected().empty(), load.unexpected());
  return states;
}

void NewTable() {
  TempPostgres::Shared().Psql("DROP TABLE IF EXISTS effects; CREATE TABLE effects (token text)");
}

}  // namespace

TEST_CASE("kill -9 under load: nothing that was accepted is lost, runs twice for its token or has a torn page") {
  NewTable();
  Serving serving;
  Load load(serving, "k");
  std::minstd_rand random(20261122);
  for (int death = 0; death < Deaths(); ++death) {
    const auto before = load.count();
    Until([&] { return load.count() >= before + kClients; });  // it serves
    Pass(static_cast<int>(random() % 400));
    serving.child().Signal(SIGKILL);
    CHECK(serving.child().Wait() == 128 + SIGKILL);
    serving.Start();
  }
  load.Stop();
  const auto states = Verify(serving, load);
  MESSAGE(load.ids().size() << " accepted, " << states.at("FINISHED") << " finished over " << Deaths() << " deaths");
}

TEST_CASE("Restarts under load: who tries again finds every statement finished, and none in doubt") {
  NewTable();
  Serving serving({"--drain", "30s"});
  Load load(serving, "r");
  for (int restart = 0; restart < 3; ++restart) {
    const auto before = load.count();
    Until([&] { return load.count() >= before + kClients; });
    serving.child().Signal(SIGTERM);
    CHECK(serving.child().Wait() == 0);
    serving.Start();
  }
  load.Stop();
  const auto states = Verify(serving, load);
  CHECK(states.size() == 1);
  CHECK(states.contains("FINISHED"));
}

}  // namespace berth::test
