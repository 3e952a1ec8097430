#include <string>
#include <vector>

#include "unit/engine/engine_fixture.h"

// Statements on a key, whose id only its CREATE tells.
namespace berth::test {
namespace {

struct World : EngineFixture {
  std::unique_ptr<engine::ConversationImpl> owner = Talk();

  World() { REQUIRE(Say(*owner, "CREATE SERVICE USER ann") == "CREATE SERVICE USER"); }
  // The rows, values parted by a bar.
  std::vector<std::string> Rows(const std::string& text) {
    auto outcome = owner->Execute(text, {}, Deadline::Never());
    REQUIRE_MESSAGE(outcome.ok(), outcome.error().message);
    std::vector<std::string> rows;
    while (true) {
      const auto row = outcome.value()->Next();
      REQUIRE(row.ok());
      if (!row.value()) return rows;
      rows.emplace_back();
      for (const auto& field : *row.value())
        rows.back() += (rows.back().empty() ? "" : "|") + std::string(field.value_or("NULL"));
    }
  }
  std::string NewKey() {
    const auto row = Rows("CREATE ACCESS KEY FOR ann").front();
    return row.substr(0, row.find('|'));
  }
  std::string State(const std::string& key) {
    return Rows("SELECT state FROM system.information_schema.access_keys WHERE access_key_id = '" + key + "'").front();
  }
};

TEST_CASE("A key is disabled, enabled and dropped; EXPLAIN tells, and does nothing of it") {
  World world;
  const auto key = world.NewKey();
  CHECK(world.State(key) == "live");
  CHECK(world.Rows("EXPLAIN DISABLE ACCESS KEY " + key) ==
        std::vector<std::string>{"disable|access key|" + key + "|NULL|NULL"});
  CHECK(world.Rows("EXPLAIN DROP ACCESS KEY '" + key + "'") ==
        std::vector<std::string>{"drop|access key|" + key + "|NULL|NULL"});
  CHECK(world.Rows("EXPLAIN ENABLE ACCESS KEY " + key).front().find("notice|") == 0);
  CHECK(world.State(key) == "live");

  CHECK(World::Say(*world.owner, "DISABLE ACCESS KEY " + key) == "DISABLE ACCESS KEY");
  CHECK(world.State(key) == "disabled");
  world.notices.clear();
  CHECK(World::Say(*world.owner, "DISABLE ACCESS KEY " + key) == "DISABLE ACCESS KEY");
  REQUIRE(world.notices.size() == 1);
  CHECK(world.notices.front().detail == "access key " + key + " is disabled already.");
  CHECK(World::Say(*world.owner, "ENABLE ACCESS KEY '" + key + "'") == "ENABLE ACCESS KEY");
  CHECK(world.State(key) == "live");
  CHECK(World::Say(*world.owner, "DROP ACCESS KEY " + key) == "DROP ACCESS KEY");
  CHECK(World::Say(*world.owner, "DROP ACCESS KEY " + key) == "42704 access key " + key + " does not exist");
  CHECK(World::Say(*world.owner, "ENABLE ACCESS KEY " + key) == "42704 access key " + key + " does not exist");
  CHECK(World::Say(*world.owner, "DROP ACCESS KEY IF EXISTS " + key) == "DROP ACCESS KEY");
}

TEST_CASE("A key is not enabled beside two that live, and EXPLAIN says so") {
  World world;
  const auto key = world.NewKey();
  REQUIRE(World::Say(*world.owner, "DISABLE ACCESS KEY " + key) == "DISABLE ACCESS KEY");
  world.NewKey();
  world.NewKey();
  const std::string why = "54000 service user ann has 2 live access keys, which is the most";
  CHECK(World::Say(*world.owner, "ENABLE ACCESS KEY " + key) == why);
  CHECK(world.Rows("EXPLAIN ENABLE ACCESS KEY " + key).front().find("refuse|NULL|NULL|NULL|" + why) == 0);
  CHECK(world.Rows("EXPLAIN CREATE ACCESS KEY FOR ann").front().find("refuse|NULL|NULL|NULL|" + why) == 0);
  CHECK(world.Rows("SHOW ACCESS KEYS").size() == 3);
}

}  // namespace
}  // namespace berth::test
