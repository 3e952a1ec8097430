#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "unit/statements/live.h"

namespace berth::statements {
namespace {

// The most sessions that the server ever counted while it was asked, by a session of its own.
class Oracle {
 public:
  explicit Oracle(test::TempPostgres& server)
      : thread_([this, &server] {
          while (!stop_) {
            const auto count = server.Psql(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = 'berth' AND application_name LIKE 'berth/%'");
            most_ = std::max<std::size_t>(most_, std::stoul(count));
          }
        }) {}
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;
  ~Oracle() { Stop(); }
  std::size_t Stop() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
    return most_;
  }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> most_{0};
  std::thread thread_;
};

TEST_CASE("2,000 statements at once on a cap of 8 all end, in order per session, and hold up no other user") {
  LiveService at(8);
  at.Run("DROP TABLE IF EXISTS steps");
  at.Run("CREATE TABLE steps (id bigserial, who text, n integer)");
  std::vector<std::string> sessions;
  for (int i = 0; i < 3; ++i) {
    auto opening = RequestOf("SET application_name TO 'berth/kept'");
    opening.session_keep_alive_s = 600;
    sessions.push_back(*RunToEnd(*at.service, opening).session_id);
  }
  Oracle oracle(at.server);
  std::vector<Answer<StatementFacts>> answers(2000);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    auto request = RequestOf("SELECT " + std::to_string(i));
    if (i % 10 == 0) {
      const auto who = i / 10 % sessions.size();
      request =
          RequestOf("INSERT INTO steps (who, n) VALUES ('" + std::to_string(who) + "', " + std::to_string(i) + ")");
      request.session_id = sessions[who];
    }
    at.service->Submit(std::move(request), answers[i].Done());
  }
  std::vector<std::string> ids;
  for (auto& answer : answers) {
    auto accepted = answer.Await();
    REQUIRE(accepted.ok());
    ids.push_back(accepted.value().id);
  }
  std::vector<std::string> others;
  for (int i = 0; i < 10; ++i) others.push_back(SubmitId(*at.service, RequestOf("SELECT 1", "bob")));
  for (const auto& id : others) CHECK(Ended(*at.service, id, "bob").progress.state == StatementState::kFinished);
  const auto stats = at.service->Stats();
  const auto left = stats.submitted;
  for (const auto& id : ids) {
    if (Ended(*at.service, id).progress.state != StatementState::kFinished) FAIL("a statement did not finish");
  }
  const auto most = oracle.Stop();
  CHECK(most <= 8);
  const auto disorder = at.server.Psql(
      "SELECT count(*) FROM (SELECT n < lag(n) OVER (PARTITION BY who ORDER BY id) AS back FROM steps) s WHERE back");
  CHECK(std::stoul(disorder) == 0);
  MESSAGE("at most " << most << " sessions; " << left << " of the first user's waited when the second's had ended");
}

}  // namespace
}  // namespace berth::statements
