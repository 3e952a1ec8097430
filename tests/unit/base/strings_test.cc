#include "base/strings.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace berth::base {

TEST_CASE("only ASCII letters change case") {
  CHECK(ToLower("AbC_1\xC3\x84") == "abc_1\xC3\x84");
  CHECK(ToUpper("aBc_1\xC3\xA4") == "ABC_1\xC3\xA4");
  CHECK(ToLower("@[`{") == "@[`{");
  CHECK(EqualsIgnoreCase("SeLect", "sElecT"));
  CHECK(EqualsIgnoreCase("", ""));
  CHECK_FALSE(EqualsIgnoreCase("a", "ab"));
  CHECK_FALSE(EqualsIgnoreCase("[", "{"));
}

TEST_CASE("Trim takes white space off both ends") {
  CHECK(Trim(" \t\r\n\v\f a b \n") == "a b");
  CHECK(Trim("   ").empty());
  CHECK(Trim("").empty());
  CHECK(Trim("a") == "a");
}

TEST_CASE("UTF-8 is checked as the standard has it") {
  for (const std::string text : {"", "abc", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x90\x98", "\xF4\x8F\xBF\xBF",
                                 "\xED\x9F\xBF", "\xEE\x80\x80", "\xC2\x80", "\xE0\xA0\x80", "\xF0\x90\x80\x80"}) {
    CAPTURE(text);
    CHECK(IsValidUtf8(text));
  }
  CHECK(IsValidUtf8(std::string_view("a\0b", 3)));
  for (const std::string text : {"\x80", "\xBF", "\xC3", "\xC0\x80", "\xC1\xBF", "\xE2\x82", "\xE0\x9F\xBF",
                                 "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                                 "\xF5\x80\x80\x80", "\xFF", "\xFE", "a\xC3", "\xC3\x28", "\xF0\x9F\x90"}) {
    CAPTURE(text);
    CHECK_FALSE(IsValidUtf8(text));
  }
}

TEST_CASE("names are quoted where a bare one would read differently") {
  CHECK(QuoteIdentifier("name_1") == "name_1");
  CHECK(QuoteIdentifier("_x") == "_x");
  CHECK(QuoteIdentifier("Name") == "\"Name\"");
  CHECK(QuoteIdentifier("1a") == "\"1a\"");
  CHECK(QuoteIdentifier("a b") == "\"a b\"");
  CHECK(QuoteIdentifier("a\"b") == "\"a\"\"b\"");
  CHECK(QuoteIdentifier("") == "\"\"");
  CHECK(QuoteIdentifier("\xC3\xA4") == "\"\xC3\xA4\"");
  CHECK(QuoteLiteral("it's") == "'it''s'");
  CHECK(QuoteLiteral("a\\b") == "'a\\b'");
  CHECK(QuoteLiteral("") == "''");
}

TEST_CASE("DidYouMean finds the nearest within a third of the length") {
  static constexpr std::string_view kKnown[] = {"MAX_CONCURRENT_CONNECTIONS", "COMMENT", "PASSWORD", "USER_NAME"};
  CHECK(DidYouMean("MAX_CONCURENT_CONNECTIONS", kKnown) == "MAX_CONCURRENT_CONNECTIONS");
  CHECK(DidYouMean("comemnt", kKnown) == "COMMENT");
  CHECK(DidYouMean("user", kKnown) == std::nullopt);
  CHECK(DidYouMean("username", kKnown) == "USER_NAME");
  CHECK(DidYouMean("PASSWORD", kKnown) == "PASSWORD");
  CHECK(DidYouMean("", kKnown) == std::nullopt);
  CHECK(DidYouMean(std::string(128, 'a'), kKnown) == std::nullopt);
  CHECK(DidYouMean("x", {}) == std::nullopt);
  static constexpr std::string_view kShort[] = {"ON", "OFF"};
  CHECK(DidYouMean("x", kShort) == std::nullopt);
  CHECK(DidYouMean("OF", kShort) == std::nullopt);  // of two letters nothing may differ
  CHECK(DidYouMean("OFv", kShort) == "OFF");
  static constexpr std::string_view kTie[] = {"abcd", "abce"};
  CHECK(DidYouMean("abc", kTie) == "abcd");  // the first of two as near
}

TEST_CASE("durations") {
  CHECK(ParseDurationMs("30s") == 30'000);
  CHECK(ParseDurationMs("500ms") == 500);
  CHECK(ParseDurationMs("10m") == 600'000);
  CHECK(ParseDurationMs("10min") == 600'000);
  CHECK(ParseDurationMs("2H") == 7'200'000);
  CHECK(ParseDurationMs("1d") == 86'400'000);
  CHECK(ParseDurationMs(" 5 s ") == 5'000);
  CHECK(ParseDurationMs("7") == 7'000);
  CHECK(ParseDurationMs("0") == 0);
  CHECK(ParseDurationMs("3650d") == 3'650LL * 86'400'000);
  for (const auto* text : {"", "s", "1.5s", "-1s", "+1s", "1x", "1ss", "3651d", "99999999999999999999s", "1 2"}) {
    CAPTURE(text);
    CHECK(ParseDurationMs(text) == std::nullopt);
  }
}

}  // namespace berth::base
