#include "statements/turns.h"

#include <string>

#include <doctest/doctest.h>

namespace berth::statements {
namespace {

Unit Of(std::string id, std::string caller, std::string connection = "wh") {
  return {.id = std::move(id), .caller = std::move(caller), .connection = std::move(connection)};
}

// The ids of what may run now, in order.
std::string Now(Turns& turns) {
  std::string ids;
  while (const auto unit = turns.Next()) ids += unit->id + " ";
  return ids;
}

TEST_CASE("callers take turns, whoever came first with however many") {
  Turns turns(100);
  turns.SetRoom("wh", 4);
  for (const auto* id : {"a1", "a2", "a3", "a4", "a5"}) turns.Add(Of(id, "ann"));
  for (const auto* id : {"b1", "b2"}) turns.Add(Of(id, "bob"));
  CHECK(Now(turns) == "a1 b1 a2 b2 ");
  turns.Ended(Of("a1", "ann"), false);
  CHECK(Now(turns) == "a3 ");
  CHECK(turns.waiting() == 2);
  CHECK(turns.running() == 4);
}

TEST_CASE("a full connection holds up no other, and workers are bounded") {
  Turns turns(3);
  turns.SetRoom("wh", 1);
  turns.SetRoom("bi", 5);
  for (const auto* id : {"w1", "w2"}) turns.Add(Of(id, "ann"));
  for (const auto* id : {"i1", "i2", "i3"}) turns.Add(Of(id, "ann", "bi"));
  CHECK(Now(turns) == "i1 w1 i2 ");
  turns.Ended(Of("i1", "ann", "bi"), false);
  CHECK(Now(turns) == "i3 ");
}

TEST_CASE("a caller's own limit is kept") {
  Turns turns(100);
  turns.SetRoom("wh", 10);
  for (const auto* id : {"a1", "a2", "a3"}) {
    auto unit = Of(id, "ann");
    unit.max_concurrent = 2;
    turns.Add(std::move(unit));
  }
  CHECK(Now(turns) == "a1 a2 ");
  turns.Ended(Of("a1", "ann"), false);
  CHECK(Now(turns) == "a3 ");
}

TEST_CASE("a caller's limit is that of one connection, and one that has come to it holds up no other") {
  Turns turns(100);
  turns.SetRoom("wh", 10);
  turns.SetRoom("bi", 10);
  for (const auto* id : {"w1", "w2"}) {
    auto unit = Of(id, "ann");
    unit.max_concurrent = 1;
    turns.Add(std::move(unit));
  }
  for (const auto* id : {"i1", "i2"}) turns.Add(Of(id, "ann", "bi"));
  for (const auto* id : {"k1", "k2"}) {  // in kept sessions
    auto unit = Of(id, "ann");
    unit.needs_slot = false;
    unit.max_concurrent = 1;
    turns.Add(std::move(unit));
  }
  CHECK(Now(turns) == "i1 k1 i2 ");
  auto in_session = Of("k", "ann");
  in_session.needs_slot = false;
  turns.Ended(in_session, false);
  CHECK(Now(turns) == "k2 ");
  turns.Ended(in_session, false);
  CHECK(Now(turns) == "w1 ");
  turns.Ended(Of("w1", "ann"), false);
  CHECK(Now(turns) == "w2 ");
}

TEST_CASE("a kept session's slot stays taken until it is given back, and its statements need no other") {
  Turns turns(100);
  turns.SetRoom("wh", 1);
  turns.Add(Of("opens", "ann"));
  CHECK(Now(turns) == "opens ");
  turns.Ended(Of("opens", "ann"), true);
  turns.Add(Of("waits", "bob"));
  CHECK(Now(turns).empty());
  auto within = Of("within", "ann");
  within.needs_slot = false;
  turns.Add(within);
  CHECK(Now(turns) == "within ");
  turns.Ended(within, true);
  turns.GiveSlot("wh");
  CHECK(Now(turns) == "waits ");
}

TEST_CASE("what has room may run at once, but not before others of its caller") {
  Turns turns(100);
  turns.SetRoom("wh", 1);
  CHECK(turns.MayRun(Of("x", "ann")));
  turns.Started(Of("x", "ann"));
  CHECK_FALSE(turns.MayRun(Of("y", "ann")));
  turns.Add(Of("y", "ann"));
  turns.SetRoom("wh", 2);
  CHECK_FALSE(turns.MayRun(Of("z", "ann")));
  CHECK(turns.Remove("y"));
  CHECK_FALSE(turns.Remove("y"));
  CHECK(turns.MayRun(Of("z", "ann")));
}

TEST_CASE("what waits too long comes out, and what has no limit stays") {
  Turns turns(100);
  turns.SetRoom("wh", 0);
  turns.Add(Of("stays", "ann"));
  auto unit = Of("goes", "ann");
  unit.give_up = Clock::Steady(std::chrono::seconds(5));
  unit.expired = [] {};
  turns.Add(std::move(unit));
  CHECK(turns.TakeExpired(Clock::Steady(std::chrono::seconds(4))).empty());
  CHECK(turns.TakeExpired(Clock::Steady(std::chrono::seconds(5))).size() == 1);
  CHECK(turns.waiting() == 1);
}

}  // namespace
}  // namespace berth::statements
