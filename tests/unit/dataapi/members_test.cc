#include "dataapi/members.h"

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "support/places.h"

namespace berth::dataapi {
namespace {

// One line of comma-separated values; quoted fields may hold commas.
std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

struct ModelMember {
  bool required = false;
  std::string type, constraints;
};
// Of the inputs, by operation and member.
std::map<std::pair<std::string, std::string>, ModelMember> Model() {
  std::ifstream file(test::SourceDir() / "tests/unit/dataapi/api_members.csv");
  REQUIRE(file.good());
  std::map<std::pair<std::string, std::string>, ModelMember> out;
  for (std::string line; std::getline(file, line);) {
    const auto fields = Fields(line);
    if (fields.size() < 6 || fields[1] != "input") continue;
    out[{fields[0], fields[2]}] = {.required = fields[4] == "yes", .type = fields[3], .constraints = fields[5]};
  }
  return out;
}

std::string TypeOf(const Slot& slot) {
  static constexpr const char* kTypes[] = {"string", "integer", "boolean", "list<StatementString>",
                                           "list<SqlParameter>"};
  return kTypes[slot.index()];
}

std::string Bound(const std::string& constraints, const std::string& name) {
  const auto at = constraints.find(name + "=");
  if (at == std::string::npos) return "";
  return constraints.substr(at + name.size() + 1, constraints.find(';', at) - at - name.size() - 1);
}

}  // namespace

TEST_CASE("The member table is the model's: members, types, what is required, bounds and enumerations") {
  auto model = Model();
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
      const auto& [required, type, constraints] = found->second;
      ++seen;
      CHECK(TypeOf(member.slot) == type);
      // The newest model alone lets ListDatabases do without.
      if (name != "Database" || operation != Operation::kListDatabases) {
        CHECK(Takes(member.required_by, operation) == required);
      }
      if (const auto max = Bound(constraints, "max"); !max.empty()) CHECK(std::to_string(member.max) == max);
      if (const auto min = Bound(constraints, "min"); !min.empty()) CHECK(std::to_string(member.min) == min);
      CHECK(std::string(member.one_of) == Bound(constraints, "enum"));
      CHECK((member.pattern != Pattern::kNone) == (constraints.find("pattern=") != std::string::npos));
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
