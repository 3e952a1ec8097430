#include "pool/pool_texts.h"

#include <string>

#include <doctest/doctest.h>

namespace berth::pool {
namespace {

using std::chrono::seconds;

SlotFacts Busy(std::uint32_t pid, seconds since) {
  SlotFacts facts;
  facts.pid = static_cast<decltype(facts.pid)>(pid);
  facts.program = "dbt";
  facts.state = SlotState::kBusy;
  facts.in_state = since;
  facts.alive = true;
  return facts;
}

struct GroupShortage {
  GroupShortage() {
    options.connection_name = "etl";
    options.sessions_max = 10;
    options.group = GroupShare{
        .group_id = 1, .name = "wh", .version = 1, .cap = 3, .reserved = 0, .reserved_before = 0, .reserved_total = 1};
    shortage.waited = seconds(30);
    shortage.group_slots = {Busy(11, seconds(1)), Busy(12, seconds(75))};
  }
  PoolOptions options;
  Shortage shortage{.options = options, .stats = {}, .longest = {}, .gate = LoginGate(1)};
};

TEST_CASE_FIXTURE(GroupShortage, "where the group is full its numbers, its holders and its limit are told") {
  shortage.stats.waiting = 1;
  const Error error = NoSessionError(shortage);
  CHECK(error.message ==
        "connection \"etl\": no session within 30 s; 0 of 10 slots in use (MAX_CONCURRENT_CONNECTIONS = 10); of its "
        "group \"wh\" 2 of 3 slots are in use and 1 is reserved for others, 1 waiting");
  CHECK(error.detail.find("pid 12 dbt") < error.detail.find("pid 11 dbt"));
  CHECK(error.hint ==
        "Give sessions back sooner, raise the group's limit (ALTER CONNECTION GROUP wh SET "
        "MAX_CONCURRENT_CONNECTIONS = n), or wait longer.");
  const std::string waiting = WaitingText(shortage);
  CHECK(waiting.starts_with("\"etl\": 1st in line, 0 of 10 slots in use; longest: pid 12 dbt (user "));
  CHECK(waiting.ends_with("; of its group \"wh\" 2 of 3 slots are in use and 1 is reserved for others"));
}

TEST_CASE_FIXTURE(GroupShortage, "where the connection itself is full, it is its own limit that is to be raised") {
  shortage.stats.leased = 10;
  const Error error = NoSessionError(shortage);
  CHECK(error.message.find("10 of 10 slots in use (MAX_CONCURRENT_CONNECTIONS = 10); of its group") !=
        std::string::npos);
  CHECK(error.detail.empty());  // of others nothing that counts
  CHECK(error.hint.find("ALTER REDSHIFT CONNECTION etl SET MAX_CONCURRENT_CONNECTIONS = n") != std::string::npos);
}

TEST_CASE_FIXTURE(GroupShortage, "other processes in line are counted, one in the singular") {
  shortage.line.waiting = 1;
  CHECK(NoSessionError(shortage).message.ends_with(", 1 other process waiting"));
  shortage.line.waiting = 2;
  CHECK(NoSessionError(shortage).message.ends_with(", 2 other processes waiting"));
}

TEST_CASE("a span is told as it was asked for, not as the clock cut it") {
  using std::chrono::milliseconds;
  CHECK(SpanText(milliseconds(0)) == "0 ms");
  CHECK(SpanText(milliseconds(99)) == "99 ms");
  CHECK(SpanText(milliseconds(299)) == "300 ms");
  CHECK(SpanText(milliseconds(994)) == "990 ms");
  CHECK(SpanText(milliseconds(999)) == "1 s");
  CHECK(SpanText(milliseconds(1003)) == "1 s");
  CHECK(SpanText(milliseconds(1500)) == "1.5 s");
  CHECK(SpanText(milliseconds(30'002)) == "30 s");
}

}  // namespace
}  // namespace berth::pool
