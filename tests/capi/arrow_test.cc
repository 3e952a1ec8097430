#include <doctest/doctest.h>

#include "capi/arrow_reader.h"
#include "capi/world.h"

using berth::test::ArrowReader;
using berth::test::CapiWorld;
using berth::test::Refusal;

TEST_CASE("Arrow: each type has its place, and NULLs theirs") {
  const CapiWorld world;
  auto conversation = world.On();
  ArrowReader reader;
  conversation
      .Execute(
          "select true as b, 1::int2 as s, 2::int4 as i, 3::int8 as l, 0.5::float4 as f, -0.25::float8 as g, "
          "date '1969-12-31' as d, timestamp '1970-01-02 00:00:01.5' as t, "
          "timestamptz '1970-01-01 05:30:00+05:30' as z, (-12.5)::numeric(12, 2) as n, "
          "1.5::numeric as u, 'x'::text as x, "
          "12345678901234567890.12::numeric(22, 2) as w "
          "union all select null, null, null, null, null, null, null, null, null, null::numeric(12, 2), null, null, "
          "null::numeric(22, 2) "
          "union all select false, (-1)::int2, -2, -3, 'NaN', 'Infinity', '2016-01-31', '2016-01-31 10:11:12', "
          "'2016-01-31 10:11:12+00', 0::numeric(12, 2), 0, '', (-0.01)::numeric(22, 2)")
      .ToArrow(&reader.stream);
  reader.ReadSchema();
  std::string columns;
  for (const auto& column : reader.Columns()) columns += column + "|";
  CHECK(columns == "b b|s s|i i|l l|f f|g g|d tdD|t tsu:|z tsu:UTC|n d:12,2|u u|x u|w d:22,2|");
  REQUIRE(reader.Next() == 3);
  const auto row = [&](std::int64_t number) {
    std::string line;
    for (int i = 0; i < 13; ++i) line += reader.Value(number, i) + "|";
    return line;
  };
  CHECK(row(0) == "true|1|2|3|0.500000|-0.250000|-1|86401500000|0|-1250|1.5|x|66:-1363962815083169260|");
  CHECK(row(1) == "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|");
  CHECK(row(2) == "false|-1|-2|-3|nan|inf|16831|1454235072000000|1454235072000000|0|0||-1|");
  CHECK(reader.batch().children[0]->null_count == 1);
  CHECK(reader.Next() == 0);
  CHECK(reader.Next() == 0);
}

TEST_CASE("Arrow: batches, and a reader that stops half-way") {
  const CapiWorld world;
  auto conversation = world.On();
  {
    ArrowReader reader;
    conversation
        .Execute(
            "select i::int as i, case when i % 3 = 0 then null else 'v' || i end as t from generate_series(1, 70000) i")
        .ToArrow(&reader.stream);
    reader.ReadSchema();
    REQUIRE(reader.Next() == 65536);
    CHECK(reader.batch().children[1]->null_count == 65536 / 3);
    CHECK(reader.Value(0, 1) == "v1");
    CHECK(reader.Value(2, 1) == "NULL");
    CHECK(reader.Value(65535, 0) == "65536");
    REQUIRE(reader.Next() == 70000 - 65536);
    CHECK(reader.Value(0, 1) == "v65537");
    CHECK(reader.Next() == 0);
  }
  {
    ArrowReader reader;
    conversation.Execute("select i from generate_series(1, 10000000) i").ToArrow(&reader.stream);
    reader.ReadSchema();
    REQUIRE(reader.Next() == 65536);
    reader.stream.release(&reader.stream);  // the rest is cancelled
    CHECK(reader.Value(7, 0) == "8");       // a batch outlives its stream
  }
  conversation.Run("select 1");
}

TEST_CASE("Arrow: wide rows end a batch early") {
  const CapiWorld world;
  auto conversation = world.On();
  ArrowReader reader;
  conversation.Execute("select repeat('x', 1000000) from generate_series(1, 20)").ToArrow(&reader.stream);
  reader.ReadSchema();
  CHECK(reader.Next() == 17);  // the first 16 MiB and the row that goes over
  CHECK(reader.Next() == 3);
}

TEST_CASE("Arrow: what has no place in a type, and what the server refuses, is an error of the stream") {
  const CapiWorld world;
  auto conversation = world.On();
  for (const auto* const value : {"'infinity'::timestamp", "'0044-03-15 BC'::date", "'NaN'::numeric(5, 2)", "1 / 0"}) {
    ArrowReader reader;
    auto rows = conversation.TryExecute(std::string("select ") + value + " as v from generate_series(1, 2)");
    if (!rows) continue;  // an error that came before the first row
    std::move(*rows).ToArrow(&reader.stream);
    reader.ReadSchema();
    CHECK_THROWS_AS(reader.Next(), std::runtime_error);
    CHECK(reader.LastError().size() > 5);
    CHECK_THROWS_AS(reader.Next(), std::runtime_error);  // there is no more
  }
  ArrowReader reader;
  conversation.Execute("select 'infinity'::timestamp as due").ToArrow(&reader.stream);
  CHECK_THROWS_WITH(reader.Next(),
                    "column due: \"infinity\" has no place in the Arrow type tsu:; cast the column to text");
}

TEST_CASE("Arrow: a stream may outlive its conversation and engine") {
  ArrowReader reader;
  {
    const CapiWorld world;
    world.On().Execute("select 1 as one").ToArrow(&reader.stream);
  }
  reader.ReadSchema();
  REQUIRE(reader.Next() == 1);
  CHECK(reader.Value(0, 0) == "1");
}
