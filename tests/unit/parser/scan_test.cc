#include "parser/scan.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace berth::parser {
namespace {

struct Seen {
  TokenKind kind;
  std::string text;
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::vector<Seen> Scan(std::string_view text, bool backslash_escapes = false) {
  Scanner scanner(text, backslash_escapes);
  std::vector<Seen> seen;
  for (auto token = scanner.Next(); token.kind != TokenKind::kEnd; token = scanner.Next()) {
    CHECK(text.substr(token.offset, token.text.size()) == token.text);
    CHECK_FALSE(token.text.empty());
    seen.push_back({token.kind, std::string(token.text)});
  }
  CHECK(scanner.Next().kind == TokenKind::kEnd);
  return seen;
}

Token First(std::string_view text, bool backslash_escapes = false) {
  return Scanner(text, backslash_escapes).Next();
}

using enum TokenKind;

}  // namespace

TEST_CASE("words, symbols, numbers, parameters") {
  CHECK(
      Scan("a.b_1 , c$2;") ==
      std::vector<Seen>{{kWord, "a"}, {kSymbol, "."}, {kWord, "b_1"}, {kSymbol, ","}, {kWord, "c$2"}, {kSymbol, ";"}});
  CHECK(Scan("1 1.5 .5 1.5e3 1e-3 7..8") == std::vector<Seen>{{kNumber, "1"},
                                                              {kNumber, "1.5"},
                                                              {kNumber, ".5"},
                                                              {kNumber, "1.5e3"},
                                                              {kNumber, "1e-3"},
                                                              {kNumber, "7"},
                                                              {kSymbol, "."},
                                                              {kNumber, ".8"}});
  CHECK(Scan("$1 $ $abc") == std::vector<Seen>{{kParameter, "$1"}, {kSymbol, "$"}, {kSymbol, "$"}, {kWord, "abc"}});
  CHECK(Scan("-1") == std::vector<Seen>{{kSymbol, "-"}, {kNumber, "1"}});
  CHECK(Scan("na\xC3\xAFve") == std::vector<Seen>{{kWord, "na\xC3\xAFve"}});
}

TEST_CASE("comments nest and are skipped") {
  CHECK(Scan("a -- b 'c\n/* d /* e */ ' */ f /**/g") == std::vector<Seen>{{kWord, "a"}, {kWord, "f"}, {kWord, "g"}});
  CHECK(Scan("a /* open").size() == 1);
  CHECK(Scan("a -- open").size() == 1);
  CHECK(Scan("a -- b\rc").size() == 2);
  CHECK(Scan("a/*/ b */c") == std::vector<Seen>{{kWord, "a"}, {kWord, "c"}});
  CHECK(Scan("a-b/c*d").size() == 7);
}

TEST_CASE("strings of all kinds") {
  for (const std::string text : {"'a'", "''", "'it''s'", "E'it\\'s'", "e'\\\\'", "B'01'", "x'FF'", "U&'\\0061'", "N'a'",
                                 "'-- no comment'", "'two\nlines'"}) {
    CAPTURE(text);
    CHECK(Scan(text) == std::vector<Seen>{{kString, text}});
  }
  CHECK(Scan("'a\\'b'", true) == std::vector<Seen>{{kString, "'a\\'b'"}});
  CHECK(Scan("'a\\'b", false) == std::vector<Seen>{{kString, "'a\\'"}, {kWord, "b"}});
  CHECK(Scan("U&'\\'b", true) == std::vector<Seen>{{kString, "U&'\\'"}, {kWord, "b"}});
  CHECK(Scan("ne'\\'b") == std::vector<Seen>{{kWord, "ne"}, {kString, "'\\'"}, {kWord, "b"}});
  CHECK(Scan("u & 'a'").size() == 3);
  CHECK(First("E'it''s'").Inside() == "it''s");
  CHECK(First("U&'x'").Inside() == "x");
  CHECK(First("'open").Inside() == "open");
  CHECK_FALSE(First("'open").terminated);
  CHECK_FALSE(First("'open\\'", true).terminated);
  CHECK_FALSE(First("'").terminated);
  CHECK(First("'").Inside().empty());
  CHECK(First("E'\\").Inside() == "\\");
}

TEST_CASE("dollar quotes") {
  CHECK(Scan("$$a 'b$$ $t$ $$ $T$ $t$") ==
        std::vector<Seen>{{kDollarString, "$$a 'b$$"}, {kDollarString, "$t$ $$ $T$ $t$"}});
  CHECK(Scan("a$$b$$") == std::vector<Seen>{{kWord, "a$$b$$"}});
  CHECK(Scan("$1$$x$$") == std::vector<Seen>{{kParameter, "$1"}, {kDollarString, "$$x$$"}});
  CHECK(First("$t$ body $t$").Inside() == " body ");
  CHECK(First("$t$ open $t").Inside() == " open $t");
  CHECK_FALSE(First("$t$ open $t").terminated);
  CHECK(First("$$$$").Inside().empty());
}

TEST_CASE("names are compared folded or unquoted") {
  CHECK(First("Na_Me").Name() == "na_me");
  CHECK(First("\"Na Me\"").Name() == "Na Me");
  CHECK(First("\"a\"\"b\"").Name() == "a\"b");
  CHECK(First("U&\"Ab\"").Name() == "Ab");
  CHECK(First("\"open").Name() == "open");
  CHECK(First("\"\"").Name().empty());
  CHECK(First("\xC3\x84"
              "B")
            .Name() ==
        "\xC3\x84"
        "b");  // only ASCII folds
  CHECK(First("Select").IsWord("SELECT"));
  CHECK_FALSE(First("\"select\"").IsWord("SELECT"));
  CHECK_FALSE(First("selects").IsWord("SELECT"));
}

TEST_CASE("every byte is a token or skipped, whatever the text") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (std::size_t from = 0; from < all.size(); ++from) {
    CHECK(Scan(all.substr(from), false).size() > 0);
    CHECK(Scan(all.substr(from), true).size() > 0);
  }
}

}  // namespace berth::parser
