#include "dataapi/members.h"

#include <map>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "model.h"

namespace berth::dataapi {
namespace {

std::string TypeOf(const Slot& slot) {
  static constexpr const char* kTypes[] = {"string", "integer", "boolean", "list<StatementString>",
                                           "list<SqlParameter>"};
  return kTypes[slot.index()];
}

}  // namespace

TEST_CASE("The member table is the model's: members, types, what is required, bounds and enumerations") {
  std::map<std::pair<std::string, std::string>, test::ModelMember> model;
  for (auto& member : test::ReadModel()) {
    if (member.where == "input") model.emplace(std::pair(member.of, member.name), member);
  }
  REQUIRE(model.size() >= 90);
  std::size_t seen = 0;
  for (unsigned bit = 0; bit < 12; ++bit) {
    const auto operation = static_cast<Operation>(1u << bit);
    for (const auto& member : Members()) {
      if (!Takes(member.taken_by, operation)) continue;
      const std::string name(member.name);
      CAPTURE(NameOf(operation));
      CAPTURE(name);
      const auto found = model.find({std::string(NameOf(operation)), name});
      REQUIRE(found != model.end());
      const auto& said = found->second;
      ++seen;
      CHECK(TypeOf(member.slot) == said.type);
      // The newest model alone lets ListDatabases do without.
      if (name != "Database" || operation != Operation::kListDatabases) {
        CHECK(Takes(member.required_by, operation) == said.required);
      }
      if (const auto max = said.Bound("max"); !max.empty()) CHECK(std::to_string(member.max) == max);
      if (const auto min = said.Bound("min"); !min.empty()) CHECK(std::to_string(member.min) == min);
      CHECK(std::string(member.one_of) == said.Bound("enum"));
      CHECK((member.pattern != Pattern::kNone) == !said.Bound("pattern").empty());
    }
  }
  CHECK(seen == model.size());
}

TEST_CASE("Operations by their target") {
  CHECK(OperationNamed("RedshiftData.ExecuteStatement") == Operation::kExecuteStatement);
  for (const auto* wrong : {"", "ExecuteStatement", "RedshiftData.", "RedshiftData.executestatement",
                            "RedshiftData.ExecuteStatement ", "DynamoDB_20120810.ListTables"}) {
    CHECK_FALSE(OperationNamed(wrong));
  }
}

TEST_CASE("The model's patterns") {
  for (const auto* good : {"c", "redshift-cluster-1", "a1-b2"}) CHECK(Matches(Pattern::kCluster, good));
  for (const auto* bad : {"", "1a", "A", "a_b", "a-", "a--b", "-a", "a b"}) {
    CAPTURE(bad);
    CHECK_FALSE(Matches(Pattern::kCluster, bad));
  }
  for (const auto* good : {"abc", "my-work-group", "arn:aws:redshift-serverless:us-west-2:123456789012:workgroup/a-1",
                           "arn:aws-us-gov:redshift-serverless:us-gov-west-1:123456789012:workgroup/name/other"}) {
    CAPTURE(good);
    CHECK(Matches(Pattern::kWorkgroup, good));
  }
  for (const auto* bad : {"ab", "ABC", "a_b", "arn:aws:redshift-serverless:us-west-2:12345678901:workgroup/a",
                          "arn:aws:redshift-serverless:uswest:123456789012:workgroup/a",
                          "arn:aws:redshift-serverless:us-west-2:123456789012:workgroup/",
                          "arn:aws:redshift:us-west-2:123456789012:workgroup/a"}) {
    CAPTURE(bad);
    CHECK_FALSE(Matches(Pattern::kWorkgroup, bad));
  }
  CHECK(Matches(Pattern::kUuid, "zzzzzzzz-0747-4bf4-b142-e8883122f766:40"));
  for (const auto* bad : {"", "d9b6c0c9-0747-4bf4-b142-e8883122f76", "D9b6c0c9-0747-4bf4-b142-e8883122f766",
                          "d9b6c0c9-0747-4bf4-b142-e8883122f766:123", "d9b6c0c9-0747-4bf4-b142-e8883122f766x"}) {
    CAPTURE(bad);
    CHECK_FALSE(Matches(Pattern::kUuid, bad));
  }
}

}  // namespace berth::dataapi
