// Every member of every operation's output: what is sent is the model's, of its type, and nothing of it is left out but
// what is said here.
#include <boost/json.hpp>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "dataapi/encode.h"
#include "model.h"
#include "statements/column_metadata.h"

namespace berth::dataapi {
namespace {

namespace json = boost::json;
using statements::Progress;
using statements::StatementFacts;
using test::ModelMember;

// Never sent, all of them optional. A service user has no groups of a role, and a server no UUID for its queries.
const std::set<std::string> kNeverSent{"DbGroups", "RedshiftQueryUuid"};

Progress FullProgress() {
  Progress progress;
  progress.state = statements::StatementState::kFailed;
  progress.created_at = progress.updated_at = Clock::Wall(std::chrono::milliseconds(1'598'323'175'823));
  progress.error = "ERROR: e";
  progress.has_result_set = true;
  return progress;
}

StatementFacts FullFacts(bool batch) {
  StatementFacts facts;
  facts.id = "d9b6c0c9-0747-4bf4-b142-e8883122f766";
  facts.target = {.cluster_identifier = "c", .workgroup = "www", .secret_arn = "s", .db_user = "u", .database = "d"};
  facts.sqls = {"select :p"};
  facts.parameters = {{.name = "p", .value = "v"}};
  facts.is_batch = batch;
  facts.statement_name = "n";
  facts.session_id = facts.id;
  facts.progress = FullProgress();
  if (batch) facts.sub_statements = {{.id = facts.id + ":1", .sql = "select :p", .progress = FullProgress()}};
  return facts;
}

// Everything that the service sends, by operation.
std::vector<std::pair<std::string, std::string>> Outputs() {
  std::vector<std::pair<std::string, std::string>> all;
  statements::StatementPage page{.statements = {}, .next_token = "t"};
  for (const bool batch : {false, true}) {
    const auto facts = FullFacts(batch);
    all.emplace_back(batch ? "BatchExecuteStatement" : "ExecuteStatement", EncodeSubmitted(facts));
    all.emplace_back("DescribeStatement", EncodeDescribed(facts));
    page.statements.push_back(facts);
  }
  all.emplace_back("ListStatements", EncodeStatements(page));
  all.emplace_back("CancelStatement", EncodeCancelled());
  all.emplace_back("ListSessions", EncodeSessions({.sessions = {{.id = "i",
                                                                 .caller = "u",
                                                                 .connection = "c",
                                                                 .target = FullFacts(false).target,
                                                                 .status = statements::SessionStatus::kBusy,
                                                                 .keep_alive_s = 60,
                                                                 .statement_id = "s"}},
                                                   .next_token = "t"}));
  const statements::ColumnMetadata column{.name = "n", .label = "l", .type_name = "int4", .column_default = "1"};
  for (const bool second : {false, true}) {
    statements::ResultPage result{.records = std::string(statements::kPageHead) + "[]",
                                  .column_metadata = statements::EncodeColumns({&column, 1}),
                                  .total_rows = 1,
                                  .next_token = "t"};
    if (second) result.records = std::string(statements::kPageHead) + R"([{"CSVRecords":"a\r\n"}])";
    all.emplace_back(second ? "GetStatementResultV2" : "GetStatementResult", EncodeResult(result, second));
  }
  all.emplace_back("ListDatabases", EncodeNames("Databases", {.names = {"a"}, .next_token = "t"}));
  all.emplace_back("ListSchemas", EncodeNames("Schemas", {.names = {"a"}, .next_token = "t"}));
  all.emplace_back("ListTables",
                   EncodeTables({.tables = {{.name = "n", .schema = "s", .type = "TABLE"}}, .next_token = "t"}));
  all.emplace_back("DescribeTable", EncodeColumns({.table_name = "t", .columns = {column}, .next_token = "t"}));
  return all;
}

// Holds what was sent against the model and remembers which members of it were seen.
class Comparison {
 public:
  Comparison() {
    for (auto& member : test::ReadModel()) {
      if (member.where == "input") continue;
      const auto name = member.name;
      shapes_[member.of].emplace(name, std::move(member));
    }
  }
  void Look(const std::string& shape, const json::object& sent) {
    for (const auto& [key, value] : sent) {
      const std::string name(key);
      CAPTURE(shape);
      CAPTURE(name);
      REQUIRE(shapes_.at(shape).contains(name));
      const auto& member = shapes_.at(shape).at(name);
      seen_.insert(shape + "." + name);
      LookAt(member, member.type, value);
    }
    for (const auto& [name, member] : shapes_.at(shape)) {
      if (member.required) CHECK(sent.contains(name));
    }
  }
  // Those of the model that never were seen.
  std::set<std::string> Unseen() const {
    std::set<std::string> unseen;
    for (const auto& [shape, members] : shapes_) {
      if (shape == "(shape) Field" || shape == "(shape) SqlParameter") continue;  // row_encoder_test.cc; an input's
      for (const auto& [name, member] : members) {
        if (!seen_.contains(shape + "." + name)) unseen.insert(shape + "." + name);
      }
    }
    return unseen;
  }

 private:
  void LookAt(const ModelMember& member, const std::string& type, const json::value& value) {
    if (type.starts_with("list<")) {
      REQUIRE(value.is_array());
      const auto element = type.substr(5, type.size() - 6);
      for (const auto& one : value.get_array()) LookAt(member, element, one);
    } else if (shapes_.contains("(shape) " + type)) {
      REQUIRE(value.is_object());
      Look("(shape) " + type, value.get_object());
    } else if (type == "boolean") {
      CHECK(value.is_bool());
    } else if (type == "integer" || type == "long") {
      CHECK(value.is_int64());
    } else if (type == "timestamp") {
      CHECK(value.is_double());  // seconds with a fraction
    } else {
      REQUIRE(value.is_string());
      const auto values = "|" + member.Bound("enum") + "|";
      if (values != "||") CHECK(values.find("|" + std::string(value.get_string()) + "|") != std::string::npos);
    }
  }

  std::map<std::string, std::map<std::string, ModelMember>> shapes_;
  std::set<std::string> seen_;
};

}  // namespace

TEST_CASE("What is sent is the model's: names, types, values, all that is required and all but what is named here") {
  Comparison comparison;
  for (const auto& [operation, body] : Outputs()) {
    CAPTURE(body);
    comparison.Look(operation, json::parse(body).as_object());
  }
  for (const auto& unseen : comparison.Unseen()) {
    CAPTURE(unseen);
    CHECK(kNeverSent.contains(unseen.substr(unseen.rfind('.') + 1)));
  }
}

TEST_CASE("What has no value is left out, but for what clients read without asking whether it is there") {
  StatementFacts bare;
  bare.id = "i";
  const auto described = json::parse(EncodeDescribed(bare)).as_object();
  for (const auto* always : {"Id", "Status", "CreatedAt", "UpdatedAt", "Duration", "ResultRows", "ResultSize",
                             "RedshiftQueryId", "RedshiftPid", "HasResultSet", "ResultFormat"}) {
    CHECK_MESSAGE(described.contains(always), always);
  }
  CHECK(described.size() == 11);
  bare.progress.state = statements::StatementState::kAborted;
  bare.progress.error = "ERROR: e";
  CHECK(json::parse(EncodeDescribed(bare)).as_object().contains("Error"));
}

}  // namespace berth::dataapi
