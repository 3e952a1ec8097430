#include "capi/arrow_value.h"

#include <cstdint>

#include <doctest/doctest.h>

#include "capi/arrow_type.h"

using berth::capi::ArrowTypeOf;
using berth::capi::DaysOf;
using berth::capi::DecimalOf;
using berth::capi::FormatOf;
using berth::capi::MicrosecondsOf;

TEST_CASE("arrow: days") {
  CHECK(DaysOf("1970-01-01") == 0);
  CHECK(DaysOf("1969-12-31") == -1);
  CHECK(DaysOf("0001-01-01") == -719162);
  CHECK(DaysOf("9999-12-31") == 2932896);
  CHECK(DaysOf("2024-02-29") == 19782);
  CHECK(DaysOf("10000-01-01") == 2932897);
  for (const auto* const wrong :
       {"", "infinity", "2023-02-29", "01/31/2016", "0044-03-15 BC", "2016-01-31 ", "99999-01-01"})
    CHECK_FALSE(DaysOf(wrong));
}

TEST_CASE("arrow: instants, with fractions and zones") {
  CHECK(MicrosecondsOf("1970-01-01 00:00:00") == 0);
  CHECK(MicrosecondsOf("10000-01-01 00:00:00") == 2932897LL * 86'400'000'000);
  CHECK(MicrosecondsOf("1970-01-01 00:00:00.000001") == 1);
  CHECK(MicrosecondsOf("1970-01-01 00:00:01.5") == 1'500'000);
  CHECK(MicrosecondsOf("1970-01-01 05:30:00+05:30") == 0);
  CHECK(MicrosecondsOf("1969-12-31 20:00:00-04") == 0);
  CHECK(MicrosecondsOf("1970-01-01 00:19:32+00:19:32") == 0);
  CHECK(MicrosecondsOf("1969-12-31 23:59:59.999999") == -1);
  for (const auto* const wrong :
       {"", "infinity", "-infinity", "2016-01-31", "2016-01-31 10:11", "2016-01-31 10:11:12 BC",
        "Sun Jan 31 10:11:12 2016", "2016-01-31 10:11:12.", "2016-01-31 10:11:12+"})
    CHECK_FALSE(MicrosecondsOf(wrong));
}

TEST_CASE("arrow: decimals keep their digits") {
  CHECK(DecimalOf("0", 5, 2) == 0);
  CHECK(DecimalOf("-12.50", 5, 2) == -1250);
  CHECK(DecimalOf("12.5", 5, 2) == 1250);
  CHECK(DecimalOf("999.99", 5, 2) == 99999);
  CHECK(DecimalOf("0.01", 2, 2) == 1);
  CHECK_FALSE(DecimalOf("199999999999999999999999999999999999999", 38, 0));
  CHECK_FALSE(DecimalOf("99999999999999999999999999999999999999", 38, 38));
  CHECK(DecimalOf("0.00000000000000000001", 38, 20) == 1);
  CHECK(DecimalOf("-1234567890123456789.5", 21, 1) == -static_cast<berth::capi::Int128>(12345678901234567895ULL));
  const auto big = DecimalOf("99999999999999999999999999999999999999", 38, 0);
  REQUIRE(big);
  CHECK(static_cast<std::uint64_t>(*big >> 64) == 0x4B3B4CA85A86C47A);
  for (const auto* const wrong : {"", "-", "NaN", "1000.00", "1.234", "1e5", "1.2.3", "Infinity"})
    CHECK_FALSE(DecimalOf(wrong, 5, 2));
}

TEST_CASE("arrow: types by the server's numbers") {
  const auto format = [](std::uint32_t oid, std::int32_t modifier = -1) {
    return FormatOf(ArrowTypeOf({.name = "c", .type_oid = oid, .type_modifier = modifier}));
  };
  CHECK(format(1700, (12 << 16 | 2) + 4) == "d:12,2");
  CHECK(format(1700, (38 << 16 | 38) + 4) == "d:38,38");
  CHECK(format(1700, (39 << 16 | 2) + 4) == "u");     // more than 128 bits have
  CHECK(format(1700, (3 << 16 | 0x7FE) + 4) == "u");  // a scale below zero
  CHECK(format(1700) == "u");
  CHECK(format(1043) == "u");
  CHECK(format(1184) == "tsu:UTC");
}
