#include <dlfcn.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include <doctest/doctest.h>

#include "capi/arrow_abi.h"
#include "capi/world.h"

// Arrow batches as a program of others reads them: DuckDB's own library, through its C interface.

using berth::test::CapiWorld;

namespace {

// Of duckdb.h, what is needed here.
using Handle = void*;
struct DuckResult {
  std::uint64_t deprecated_counts[3];
  void* deprecated_columns;
  char* deprecated_error;
  void* internal;
};

class DuckDb {
 public:
  DuckDb() {
    REQUIRE(Call<int(const char*, Handle*)>("duckdb_open")(nullptr, &database_) == 0);
    REQUIRE(Call<int(Handle, Handle*)>("duckdb_connect")(database_, &connection_) == 0);
  }
  DuckDb(const DuckDb&) = delete;
  DuckDb& operator=(const DuckDb&) = delete;
  ~DuckDb() {
    Call<void(Handle*)>("duckdb_disconnect")(&connection_);
    Call<void(Handle*)>("duckdb_close")(&database_);
  }

  // `name` is a view of the stream, which one query may read.
  void Scan(const char* name, ArrowArrayStream& stream) {
    REQUIRE(Call<int(Handle, const char*, Handle)>("duckdb_arrow_scan")(connection_, name, &stream) == 0);
  }

  // All values of a query: | between columns, a newline after each row; or its error.
  std::string Ask(const char* sql) {
    DuckResult result{};
    std::string text;
    if (Call<int(Handle, const char*, DuckResult*)>("duckdb_query")(connection_, sql, &result) == 0) {
      const auto rows = Call<std::uint64_t(DuckResult*)>("duckdb_row_count")(&result);
      const auto columns = Call<std::uint64_t(DuckResult*)>("duckdb_column_count")(&result);
      for (std::uint64_t row = 0; row < rows; ++row) {
        for (std::uint64_t column = 0; column < columns; ++column) {
          char* const value =
              Call<char*(DuckResult*, std::uint64_t, std::uint64_t)>("duckdb_value_varchar")(&result, column, row);
          text += (column == 0 ? "" : "|") + std::string(value == nullptr ? "NULL" : value);
          Call<void(void*)>("duckdb_free")(value);
        }
        text += "\n";
      }
    } else {
      text = Call<const char*(DuckResult*)>("duckdb_result_error")(&result);
    }
    Call<void(DuckResult*)>("duckdb_destroy_result")(&result);
    return text;
  }

 private:
  template <class Signature>
  static Signature* Call(const char* name) {
    static void* const library = ::dlopen(BERTH_DUCKDB, RTLD_NOW | RTLD_LOCAL);
    auto* const found = library == nullptr ? nullptr : ::dlsym(library, name);
    if (found == nullptr) throw std::runtime_error(std::string("not in DuckDB's library: ") + name);
    return reinterpret_cast<Signature*>(found);
  }

  Handle database_ = nullptr;
  Handle connection_ = nullptr;
};

}  // namespace

TEST_CASE("DuckDB reads Arrow batches: types, values and NULLs") {
  const CapiWorld world;
  auto conversation = world.On();
  ArrowArrayStream stream{};
  conversation
      .Execute(
          "select true as b, 1::int2 as s, 2::int4 as i, 3::int8 as l, 0.5::float4 as f, -0.25::float8 as g, "
          "date '1969-12-31' as d, timestamp '1970-01-02 00:00:01.5' as t, (-12.5)::numeric(12, 2) as n, "
          "12345678901234567890.12::numeric(22, 2) as w, 'naïve' as x "
          "union all select null, null, null, null, null, null, null, null, null::numeric(12, 2), "
          "null::numeric(22, 2), null")
      .ToArrow(&stream);
  DuckDb duckdb;
  duckdb.Scan("berth_rows", stream);
  CHECK(duckdb.Ask("select string_agg(column_name || ' ' || data_type, ', ' order by column_index) "
                   "from duckdb_columns() where table_name = 'berth_rows'") ==
        "b BOOLEAN, s SMALLINT, i INTEGER, l BIGINT, f FLOAT, g DOUBLE, d DATE, t TIMESTAMP, n DECIMAL(12,2), "
        "w DECIMAL(22,2), x VARCHAR\n");
  CHECK(duckdb.Ask("select * from berth_rows") ==
        "true|1|2|3|0.5|-0.25|1969-12-31|1970-01-02 00:00:01.5|-12.50|12345678901234567890.12|naïve\n"
        "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL\n");
  if (stream.release != nullptr) stream.release(&stream);
  conversation.Run("select 1");
}

TEST_CASE("DuckDB reads Arrow batches: many of them, summed up there") {
  const CapiWorld world;
  auto conversation = world.On();
  ArrowArrayStream stream{};
  conversation
      .Execute(
          "select i, case when i % 3 = 0 then null else 'v' || i end as t, (i / 100.0)::numeric(12, 2) as n "
          "from generate_series(1, 200000) i")
      .ToArrow(&stream);
  DuckDb duckdb;
  duckdb.Scan("berth_rows", stream);
  CHECK(duckdb.Ask("select count(*), sum(i), count(t), max(length(t)), sum(n) from berth_rows") ==
        "200000|20000100000|133334|7|200001000.00\n");
  if (stream.release != nullptr) stream.release(&stream);
}

TEST_CASE("DuckDB stops half-way: the rest is cancelled and the session is good") {
  const CapiWorld world;
  auto conversation = world.On();
  ArrowArrayStream stream{};
  conversation.Execute("select i from generate_series(1, 10000000) i").ToArrow(&stream);
  DuckDb duckdb;
  duckdb.Scan("berth_rows", stream);
  CHECK(duckdb.Ask("select count(*) from (select * from berth_rows limit 10)") == "10\n");
  if (stream.release != nullptr) stream.release(&stream);
  conversation.Run("select 1");
}
