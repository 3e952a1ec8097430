#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "statements/statement_service.h"

namespace berth::test {

// A statement service that runs nothing: it remembers what it was asked and answers what the test says.
class FakeStatements final : public statements::StatementService {
 public:
  std::vector<statements::SubmitRequest> submitted;
  std::vector<statements::ListingRequest> listings;
  std::vector<statements::ListRequest> lists;
  std::vector<statements::SessionListRequest> session_lists;
  std::vector<std::pair<std::string, Done<statements::StatementFacts>>> waiting;  // by id
  std::map<std::string, statements::StatementFacts> known;
  std::optional<Error> refuse_with;  // every call
  bool waits_end_at_once = false;
  std::string session_connection = "my_redshift_connection";  // of every kept session

  static constexpr const char* kId = "d9b6c0c9-0747-4bf4-b142-e8883122f766";

  void Submit(statements::SubmitRequest request, Done<statements::StatementFacts> done) override {
    submitted.push_back(request);
    if (refuse_with) return done(*refuse_with);
    statements::StatementFacts facts{.id = kId,
                                     .caller = request.caller,
                                     .connection = request.connection,
                                     .target = request.target,
                                     .sqls = request.sqls,
                                     .parameters = request.parameters,
                                     .is_batch = request.is_batch,
                                     .session_id = request.session_id};
    facts.progress.created_at = Clock::Wall(std::chrono::milliseconds(1'598'323'175'823));
    facts.progress.updated_at = facts.progress.created_at;
    known[kId] = facts;
    done(std::move(facts));
  }
  Result<statements::StatementFacts> Describe(std::string_view caller, std::string_view id) override {
    if (refuse_with) return *refuse_with;
    const auto found = known.find(std::string(id));
    if (found != known.end() && found->second.caller == caller) return found->second;
    return Error{.code = ErrorCode::kNotFound, .message = "Query does not exist."};
  }
  void Wait(std::string_view caller, std::string_view id, Deadline, Done<statements::StatementFacts> done) override {
    if (waits_end_at_once) return done(Describe(caller, id));
    waiting.emplace_back(id, std::move(done));
  }
  // Ends the statement and tells who waits.
  void Finish(const std::string& id) {
    known[id].progress.state = statements::StatementState::kFinished;
    for (auto& [waits_for, done] : std::exchange(waiting, {})) done(known[waits_for]);
  }
  Status Cancel(std::string_view caller, std::string_view id) override {
    auto facts = Describe(caller, id);
    if (!facts.ok()) return std::move(facts).TakeError();
    return {};
  }
  Result<statements::StatementPage> List(const statements::ListRequest& request) override {
    lists.push_back(request);
    if (refuse_with) return *refuse_with;
    statements::StatementPage page;
    for (const auto& [id, facts] : known) {
      if (request.cluster_identifier && request.cluster_identifier != facts.target.cluster_identifier) continue;
      if (request.workgroup && request.workgroup != facts.target.workgroup) continue;
      page.statements.push_back(facts);
    }
    return page;
  }
  Result<statements::ResultPage> Page(std::string_view caller, std::string_view id, std::string_view token,
                                      statements::ResultFormat format) override {
    auto facts = Describe(caller, id);
    if (!facts.ok()) return std::move(facts).TakeError();
    return statements::ResultPage{.format = format,
                                  .records = R"({"Records":[[{"longValue":1}]])",
                                  .column_metadata = R"([{"name":"a"}])",
                                  .total_rows = 1,
                                  .next_token = token.empty() ? std::optional<std::string>("more") : std::nullopt};
  }
  void LookAhead(std::string_view, std::string_view, std::string_view, statements::ResultFormat) override {}
  std::string ConnectionOfSession(std::string_view, std::string_view) override { return session_connection; }
  Result<statements::SessionPage> ListSessions(const statements::SessionListRequest& request) override {
    session_lists.push_back(request);
    if (refuse_with) return *refuse_with;
    if (request.cluster_identifier || request.workgroup) return statements::SessionPage{};
    return statements::SessionPage{
        .sessions = {{.id = kId, .caller = "u", .connection = "c", .keep_alive_s = 60, .statement_id = "s"}},
        .next_token = std::nullopt};
  }
  void ListDatabases(statements::ListingRequest request, Done<statements::NamePage> done) override {
    ListNames(std::move(request), std::move(done));
  }
  void ListSchemas(statements::ListingRequest request, Done<statements::NamePage> done) override {
    ListNames(std::move(request), std::move(done));
  }
  void ListTables(statements::ListingRequest request, Done<statements::TablePage> done) override {
    listings.push_back(std::move(request));
    if (refuse_with) return done(*refuse_with);
    done(statements::TablePage{.tables = {{.name = "t", .schema = "s", .type = "TABLE"}}, .next_token = "n"});
  }
  void DescribeTable(statements::ListingRequest request, Done<statements::ColumnPage> done) override {
    listings.push_back(std::move(request));
    if (refuse_with) return done(*refuse_with);
    done(statements::ColumnPage{.table_name = "t", .columns = {{.name = "c", .type_name = "int4"}}, .next_token = {}});
  }
  Result<std::vector<statements::StatementEvent>> DueEvents(std::size_t limit) override {
    auto due = events;
    if (due.size() > limit) due.resize(limit);
    return due;
  }
  Status EventTold(std::int64_t number) override {
    told.push_back(number);
    std::erase_if(events, [&](const auto& event) { return event.number == number; });
    return {};
  }
  Status EventFailed(std::int64_t number, Clock::Wall again_at) override {
    failed.emplace_back(number, again_at);
    std::erase_if(events, [&](const auto& event) { return event.number == number; });
    return {};
  }
  statements::ServiceStats Stats() override { return stats; }
  void Drain(Deadline) override {}

  std::vector<statements::StatementEvent> events;
  std::vector<std::int64_t> told;
  std::vector<std::pair<std::int64_t, Clock::Wall>> failed;
  statements::ServiceStats stats;

 private:
  void ListNames(statements::ListingRequest request, Done<statements::NamePage> done) {
    listings.push_back(std::move(request));
    if (refuse_with) return done(*refuse_with);
    done(statements::NamePage{.names = {"one", "two"}, .next_token = std::nullopt});
  }
};

}  // namespace berth::test
