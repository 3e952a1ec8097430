#include <doctest/doctest.h>

#include "catalog/utc.h"
#include "unit/catalog/catalog_fixture.h"
namespace berth::catalog {
namespace {

ConnectionGroup NewGroup(const std::string& name, std::int32_t cap) {
  return {.name = name, .max_concurrent_connections = cap};
}

Connection Member(const std::string& name, const ConnectionGroup& group, std::int32_t reserved) {
  auto connection = NewConnection(name);
  connection.group = GroupPlace{.id = group.id};
  connection.tuning.reserved = reserved;
  return connection;
}

}  // namespace

TEST_CASE("groups are stored, listed, changed and deleted") {
  const Catalog catalog;
  const auto transaction = catalog.Write();
  const auto wh = Must(transaction->InsertGroup(NewGroup("wh", 60)));
  CHECK(wh.id > 0);
  CHECK(wh.version == 1);
  CHECK(wh.stamp.created_by == "u@h test");
  CHECK(ErrorFrom(transaction->InsertGroup(NewGroup("WH", 5))).code == ErrorCode::kAlreadyExists);
  CHECK(Must(transaction->FindGroupLike("Wh")) == "wh");
  Must(transaction->InsertGroup(NewGroup("a", 1)));
  CHECK(Must(transaction->ListGroups()).size() == 2);
  CHECK(Must(transaction->ListGroups()).front().name == "a");
  auto changed = wh;
  changed.name = "dwh";
  changed.comment = "note";
  CHECK(Must(transaction->UpdateGroup(changed)).version == 2);
  CHECK(Must(transaction->FindGroup("dwh"))->comment == "note");
  CHECK_FALSE(Must(transaction->FindGroup("wh")).has_value());
  Must(transaction->DeleteGroup(wh.id));
  CHECK(ErrorFrom(transaction->DeleteGroup(wh.id)).code == ErrorCode::kNotFound);
}

TEST_CASE("a connection's place in its group, and the group's version, follow who is in it") {
  const Catalog catalog;
  const auto transaction = catalog.Write();
  const auto group = Must(transaction->InsertGroup(NewGroup("wh", 7)));
  const auto version = [&] { return Must(transaction->FindGroupById(group.id))->version; };
  const auto a = Must(transaction->InsertConnection(Member("a", group, 2), Secret("pw")));
  CHECK(version() == 2);
  auto b = Must(transaction->InsertConnection(Member("b", group, 3), Secret("pw")));
  CHECK(version() == 3);
  CHECK(b.group->name == "wh");
  CHECK(b.group->max_concurrent_connections == 7);
  CHECK(b.group->reserved_before == 2);
  CHECK(b.group->reserved_total == 5);
  CHECK(b.group->version == 3);
  CHECK(Must(transaction->ConnectionsInGroup(group.id)).size() == 2);
  CHECK(ErrorFrom(transaction->DeleteGroup(group.id)).code == ErrorCode::kDependentsExist);
  b.comment = "no news for the group";
  b = Must(transaction->UpdateConnection(b, nullptr, false));
  CHECK(version() == 3);
  b.tuning.reserved = 1;
  b = Must(transaction->UpdateConnection(b, nullptr, false));
  CHECK(version() == 4);
  Must(transaction->DeleteConnection(a.id));
  CHECK(version() == 5);
  CHECK(Must(transaction->FindConnection("b"))->group->reserved_before == 0);
  b.group.reset();
  b = Must(transaction->UpdateConnection(b, nullptr, false));
  CHECK_FALSE(b.group.has_value());
  CHECK(version() == 6);
  Must(transaction->DeleteGroup(group.id));
}

TEST_CASE("options and a pause come back as they were given") {
  const Catalog catalog;
  auto wanted = NewConnection("c");
  wanted.tuning = {.acquire_timeout = milliseconds(100),
                   .connect_timeout = milliseconds(200),
                   .statement_timeout = milliseconds(0),
                   .idle_timeout = milliseconds(300),
                   .max_lifetime = milliseconds(400),
                   .keepalive_interval = milliseconds(500),
                   .min_idle = 0,
                   .max_waiters = 7,
                   .reserved = 8,
                   .cluster_identifier = "c",
                   .workgroup = "wg1",
                   .secret_arn = "arn:x"};
  const auto pause = Pause{.at = *WallOf("2026-11-22T13:28:01.123Z"),
                           .by = "u@h test",
                           .until = WallOf("2026-11-22T14:28:01.000Z"),
                           .refuse = true,
                           .comment = "it's off"};
  {
    const auto transaction = catalog.Write();
    auto stored = Must(transaction->InsertConnection(wanted, Secret("pw")));
    CHECK(stored.tuning == wanted.tuning);
    CHECK_FALSE(stored.pause.has_value());
    stored.pause = pause;
    CHECK(Must(transaction->UpdateConnection(stored, nullptr, false)).version == 2);
    Must(transaction->Commit());
  }
  auto read = *Must(catalog.Read()->FindConnection("c"));
  CHECK(read.tuning == wanted.tuning);
  CHECK(read.pause == pause);
  CHECK(read.login_version == 1);
  CHECK(read.pause->Over(*WallOf("2026-11-22T14:28:01.000Z")));
  CHECK_FALSE(read.pause->Over(*WallOf("2026-11-22T14:28:00.999Z")));
  read.pause.reset();
  read.tuning = {};
  const auto transaction = catalog.Write();
  const auto bare = Must(transaction->UpdateConnection(read, nullptr, false));
  CHECK_FALSE(bare.pause.has_value());
  CHECK(bare.tuning == ConnectionTuning());
}

TEST_CASE("times are read as they are written") {
  for (const auto* text : {"1970-01-01T00:00:00.000Z", "2026-11-22T13:28:01.123Z", "2028-02-29T23:59:59.999Z"}) {
    REQUIRE(WallOf(text).has_value());
    CHECK(UtcText(*WallOf(text)) == text);
  }
  for (const auto* text : {"", "2026-11-22", "2026-13-22T13:28:01.123Z", "2026-11-22 13:28:01.123Z"}) {
    CHECK_FALSE(WallOf(text).has_value());
  }
}

}  // namespace berth::catalog
