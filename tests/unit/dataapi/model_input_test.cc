// Every member of every operation's input, at its limits: what the model says is what the service takes and refuses.
#include <boost/json.hpp>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "api_world.h"
#include "model.h"

namespace berth::dataapi {
namespace {

namespace json = boost::json;
using test::ApiWorld;
using test::FakeStatements;
using test::ModelMember;

bool Has(const std::string& text, std::string_view what) {
  return text.find(what) != std::string::npos;
}

std::vector<ModelMember> Inputs() {
  auto model = test::ReadModel();
  std::erase_if(model, [](const ModelMember& member) { return member.where != "input"; });
  REQUIRE(model.size() >= 90);
  return model;
}

bool NamesConnection(const ModelMember& member) {
  return member.name == "ClusterIdentifier" || member.name == "WorkgroupName";
}

bool IsList(const ModelMember& member) {
  return member.of == "ListStatements" || member.of == "ListSessions";
}

// A request that is taken, with that member in it.
json::object With(const ModelMember& member, json::value value) {
  static const std::map<std::string, std::string_view> kBodies{
      {"ExecuteStatement", R"({"Sql":"select 1","ClusterIdentifier":"other"})"},
      {"BatchExecuteStatement", R"({"Sqls":["select 1"],"ClusterIdentifier":"other"})"},
      {"ListStatements", "{}"},
      {"ListSessions", "{}"}};
  const auto found = kBodies.find(member.of);
  std::string_view body = R"({"ClusterIdentifier":"other","Database":"dev"})";
  if (found != kBodies.end()) {
    body = found->second;
  } else if (member.of.find("Statement") != std::string::npos) {
    body = R"({"Id":"d9b6c0c9-0747-4bf4-b142-e8883122f766"})";
  }
  auto object = json::parse({body.data(), body.size()}).as_object();
  if (member.name == "WorkgroupName" || member.name == "SessionId") object.erase("ClusterIdentifier");
  object[member.name] = std::move(value);
  return object;
}

// What is neither too short nor too long, of `size` characters, entries, or that number.
json::value Sized(const ModelMember& member, std::int64_t size) {
  const auto count = static_cast<std::size_t>(size);
  if (member.type == "integer") return size;
  if (member.type == "string") return json::string(count, 'x');
  json::array list;
  for (std::size_t i = 0; i < count; ++i) {
    if (member.type == "list<StatementString>") {
      list.emplace_back("select 1");
    } else {
      list.push_back(json::object{{"name", "p" + std::to_string(i)}, {"value", "v"}});
    }
  }
  return list;
}

json::value Good(const ModelMember& member) {
  static const std::map<std::string, const char*> kKnown{
      {"SecretArn", "other"},      {"DbUser", "other"},
      {"Database", "dev"},         {"ConnectedDatabase", "dev"},
      {"WorkgroupName", "other"},  {"ClusterIdentifier", "other"},
      {"Id", FakeStatements::kId}, {"SessionId", FakeStatements::kId}};
  if (const auto known = kKnown.find(member.name); known != kKnown.end()) return known->second;
  if (const auto values = member.Bound("enum"); !values.empty())
    return json::string(values.substr(0, values.find('|')));
  if (member.type == "boolean") return true;
  return Sized(member, 1);
}

struct World : ApiWorld {
  World() {
    Ask("ExecuteStatement", R"({"Sql":"select 1","ClusterIdentifier":"other"})");  // there is a statement to ask for
    statements.waits_end_at_once = true;
  }
  // The error's type, or "" where it was taken; then `last` has the text.
  std::string TypeOf(const ModelMember& member, const json::object& body) {
    Ask(member.of, json::serialize(body));
    const auto answer = json::parse(last.body).as_object();
    const auto* type = answer.if_contains("__type");
    return type == nullptr ? "" : std::string(type->as_string());
  }
  std::string TypeOf(const ModelMember& member, json::value value) {
    return TypeOf(member, With(member, std::move(value)));
  }
};

std::string Lowered(std::string name) {
  name[0] = static_cast<char>(name[0] - 'A' + 'a');
  return name;
}

std::string Constraint(const ModelMember& member) {
  return "Value at '" + Lowered(member.name) + "' failed to satisfy constraint: Member must ";
}

}  // namespace

TEST_CASE("Every member is taken with a good value, and null is the same as absent") {
  World world;
  for (const auto& member : Inputs()) {
    CAPTURE(member.of);
    CAPTURE(member.name);
    CHECK_MESSAGE(world.TypeOf(member, Good(member)) == "", world.last.body);
    const auto without = world.TypeOf(member, nullptr);
    const bool target =
        member.name == "ClusterIdentifier" || member.name == "WorkgroupName" || member.name == "SessionId";
    if (member.required && !(member.of == "ListDatabases" && member.name == "Database")) {
      CHECK(without == "ValidationException");
      CHECK(Has(world.last.body, Constraint(member) + "not be null"));
    } else if (!target || IsList(member)) {  // else nothing names a connection
      CHECK(without == "");
    }
  }
}

TEST_CASE("Every bound holds to the one") {
  World world;
  std::size_t bounds = 0;
  for (const auto& member : Inputs()) {
    if (NamesConnection(member)) continue;
    CAPTURE(member.of);
    CAPTURE(member.name);
    const auto refused = [&](std::int64_t size) {
      return world.TypeOf(member, Sized(member, size)) == "ValidationException" &&
             Has(world.last.body, Constraint(member) + "have ");
    };
    if (const auto min = member.Bound("min"); !min.empty()) {
      ++bounds;
      CHECK(world.TypeOf(member, Sized(member, std::stoll(min))) == "");
      if (min != "0" || member.type == "integer") CHECK(refused(std::stoll(min) - 1));
    }
    if (const auto max = member.Bound("max"); !max.empty()) {
      ++bounds;
      CHECK(world.TypeOf(member, Sized(member, std::stoll(max))) == "");
      CHECK(refused(std::stoll(max) + 1));
    }
  }
  CHECK(bounds >= 30);
}

TEST_CASE("Every value of an enumeration is taken, and nothing else") {
  World world;
  std::size_t enumerations = 0;
  for (const auto& member : Inputs()) {
    auto values = member.Bound("enum");
    if (values.empty()) continue;
    ++enumerations;
    CAPTURE(member.of);
    CAPTURE(member.name);
    std::string first = values.substr(0, values.find('|'));
    for (char& c : first) c = static_cast<char>(c - 'A' + 'a');
    for (const auto& wrong : {std::string("NOPE"), std::string(), first}) {
      CHECK(world.TypeOf(member, json::value(wrong)) == "ValidationException");
      CHECK(Has(world.last.body, Constraint(member) + "satisfy enum value set: ["));
    }
    while (!values.empty()) {
      const auto bar = values.find('|');
      CHECK(world.TypeOf(member, json::value(values.substr(0, bar))) == "");
      values = bar == std::string::npos ? "" : values.substr(bar + 1);
    }
  }
  CHECK(enumerations >= 5);
}

TEST_CASE("Every id has the form of one") {
  World world;
  const std::string id = FakeStatements::kId;
  std::size_t ids = 0;
  for (const auto& member : Inputs()) {
    if (member.name != "Id" && member.name != "SessionId") continue;
    ++ids;
    CAPTURE(member.of);
    for (const auto& good : {id, id + ":", id + ":1", id + ":40", "z" + id.substr(1)}) {
      CHECK_MESSAGE(world.TypeOf(member, json::value(good)) != "ValidationException", world.last.body);
    }
    for (const auto& wrong :
         {std::string(), id + "0", id + ":100", id + ":a", "D" + id.substr(1), id.substr(1), " " + id, id + "\n"}) {
      CAPTURE(wrong);
      CHECK(world.TypeOf(member, json::value(wrong)) == "ValidationException");
      CHECK(Has(world.last.body, Lowered(member.name) + " must satisfy regex pattern: ^[a-z0-9]{8}"));
    }
  }
  CHECK(ids >= 7);
}

TEST_CASE("A ClusterIdentifier or WorkgroupName that is no connection's must have the service's form, everywhere") {
  World world;
  for (const auto& member : Inputs()) {
    if (!NamesConnection(member)) continue;
    CAPTURE(member.of);
    CAPTURE(member.name);
    const auto answer = [&](const std::string& value) {
      world.TypeOf(member, json::value(value));
      return world.last.body;
    };
    const bool cluster = member.name == "ClusterIdentifier";
    // A list filters by it: that nothing is named so is no error there.
    const std::string none = IsList(member) ? "[" : "Redshift endpoint doesn't exist in this region.";
    CHECK(Has(answer(std::string(63, 'x')), none));
    CHECK(Has(answer(std::string(cluster ? 64 : 129, 'x')), Constraint(member) + "have length less than or equal to"));
    CHECK(Has(answer(cluster ? "" : "xx"), Constraint(member) + "have length greater than or equal to"));
    for (const auto* wrong : {"No_Such", "a b c", "nameä"}) {
      CHECK(Has(answer(wrong), Lowered(member.name) + " must satisfy regex pattern: "));
    }
    CHECK_MESSAGE(world.TypeOf(member, json::value("my_redshift_connection")) == "", world.last.body);
  }
}

TEST_CASE("JSON of another type is refused by the member's name") {
  World world;
  const std::vector<std::pair<std::string, json::value>> kValues{
      {"string", "other"}, {"integer", 1}, {"boolean", true}, {"list", json::array{1}}, {"object", json::object()}};
  for (const auto& member : Inputs()) {
    CAPTURE(member.of);
    CAPTURE(member.name);
    for (const auto& [type, value] : kValues) {
      if (member.type == type) continue;
      CAPTURE(type);
      CHECK(world.TypeOf(member, value) == "SerializationException");
      CHECK(Has(world.last.body, member.name + " must be "));
    }
    if (member.type == "integer") CHECK(world.TypeOf(member, json::value(1.5)) == "SerializationException");
  }
}

TEST_CASE("What an operation does not take is ignored, whatever it is") {
  World world;
  std::map<std::string, ModelMember> all;
  for (const auto& member : Inputs()) all.emplace(member.name, member);
  for (const auto& member : Inputs()) {
    auto body = With(member, Good(member));
    for (const auto& [name, other] : all) {
      const auto inputs = Inputs();
      const bool own = std::any_of(inputs.begin(), inputs.end(),
                                   [&](const auto& one) { return one.of == member.of && one.name == name; });
      if (!own) body[name] = json::array{json::object{{"not", "taken"}}};
    }
    CAPTURE(member.of);
    CHECK_MESSAGE(world.TypeOf(member, body) == "", world.last.body);
  }
}

}  // namespace berth::dataapi
