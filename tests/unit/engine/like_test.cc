#include "engine/like.h"

#include <string>

#include <doctest/doctest.h>

using berth::engine::MatchesLike;

TEST_CASE("LIKE") {
  CHECK(MatchesLike("etl", "etl"));
  CHECK_FALSE(MatchesLike("etl", "ETL"));
  CHECK_FALSE(MatchesLike("etl2", "etl"));
  CHECK(MatchesLike("etl2", "etl_"));
  CHECK(MatchesLike("", ""));
  CHECK(MatchesLike("", "%"));
  CHECK_FALSE(MatchesLike("", "_"));
  CHECK(MatchesLike("sales_eu", "sales%"));
  CHECK(MatchesLike("sales_eu", "%eu"));
  CHECK(MatchesLike("sales_eu", "%a%e%"));
  CHECK_FALSE(MatchesLike("sales_eu", "%x%"));
}

TEST_CASE("LIKE: a backslash takes the next character as it stands") {
  CHECK(MatchesLike("a_b", "a\\_b"));
  CHECK_FALSE(MatchesLike("axb", "a\\_b"));
  CHECK(MatchesLike("100%", "100\\%"));
  CHECK_FALSE(MatchesLike("1000", "100\\%"));
}

TEST_CASE("LIKE: _ is one character, not one byte") {
  CHECK(MatchesLike("Zürich", "Z_rich"));
  CHECK(MatchesLike("日本", "__"));
  CHECK_FALSE(MatchesLike("日本", "___"));
  CHECK(MatchesLike("日本語", "%語"));
}

TEST_CASE("LIKE: many % cost no more than text times pattern") {
  const std::string text(5'000, 'a');
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "%a";
  CHECK(MatchesLike(text, pattern));
  CHECK_FALSE(MatchesLike(text, pattern + "b"));
}
