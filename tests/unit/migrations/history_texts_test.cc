#include "migrations/history_texts.h"

#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace berth::migrations {
namespace {

using Values = std::vector<std::optional<std::string>>;

TEST_CASE("history texts: literals in place of parameters") {
  CHECK(WithLiterals("SELECT 1", Values{}) == "SELECT 1");
  CHECK(WithLiterals("VALUES ($2, CAST($1 AS INTEGER), $3)", Values{"7", "o'neil", std::nullopt}) ==
        "VALUES ('o''neil', CAST('7' AS INTEGER), NULL)");
  CHECK(WithLiterals("$1,$12", Values{"a", "", "", "", "", "", "", "", "", "", "", "l"}) == "'a','l'");
  CHECK(WithLiterals("$1 $2", Values{"$2", "$1"}) == "'$2' '$1'");
}

TEST_CASE("history texts: no literal is made of what two servers read in two ways") {
  CHECK_FALSE(WithLiterals("VALUES ($1)", Values{"a\\b"}));
  CHECK_FALSE(WithLiterals("VALUES ($1)", Values{"\\"}));
}

TEST_CASE("history texts: a parameter without a value is refused") {
  CHECK_FALSE(WithLiterals("$2", Values{"a"}));
  CHECK_FALSE(WithLiterals("$0", Values{"a"}));
  CHECK_FALSE(WithLiterals("$", Values{"a"}));
}

}  // namespace
}  // namespace berth::migrations
