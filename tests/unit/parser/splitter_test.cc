#include "parser/splitter.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace berth::parser {
namespace {

struct Setup {
  bool meta_commands = false;
  bool backslash_escapes = false;
  std::size_t chunk = 0;  // bytes a Feed; 0: all at once
};

std::vector<Piece> Split(std::string_view script, Setup setup = {}) {
  Splitter splitter({.meta_commands = setup.meta_commands});
  splitter.SetBackslashEscapes(setup.backslash_escapes);
  std::vector<Piece> pieces;
  const auto take = [&] {
    while (auto piece = splitter.Next()) pieces.push_back(std::move(*piece));
  };
  const std::size_t chunk = setup.chunk == 0 ? script.size() + 1 : setup.chunk;
  for (std::size_t at = 0; at < script.size(); at += chunk) {
    splitter.Feed(script.substr(at, chunk));
    take();
  }
  splitter.Finish();
  take();
  CHECK_FALSE(splitter.Next().has_value());
  return pieces;
}

using Texts = std::vector<std::string>;

// The pieces' texts; also checks that they do not depend on how the bytes arrive.
Texts TextsOf(std::string_view script, Setup setup = {}) {
  const auto whole = Split(script, setup);
  for (const std::size_t chunk : {1U, 2U, 3U, 7U}) {
    setup.chunk = chunk;
    const auto parts = Split(script, setup);
    REQUIRE(parts.size() == whole.size());
    for (std::size_t i = 0; i < parts.size(); ++i) {
      CHECK(parts[i].text == whole[i].text);
      CHECK(parts[i].line == whole[i].line);
      CHECK(parts[i].terminated == whole[i].terminated);
      CHECK(parts[i].kind == whole[i].kind);
    }
  }
  Texts texts;
  for (const auto& piece : whole) texts.push_back(piece.text);
  return texts;
}

}  // namespace

TEST_CASE("statements end at semicolons; empty ones are nothing") {
  CHECK(TextsOf("select 1; select 2 ;;\n ; select 3\n") == Texts{"select 1", "select 2 ", "select 3"});
  CHECK(TextsOf("").empty());
  CHECK(TextsOf(" ;\n-- only this\n; /* and this */ ; ").empty());
  const auto pieces = Split("a;\n\n  b\n;c");
  REQUIRE(pieces.size() == 3);
  CHECK(pieces[0].line == 1);
  CHECK(pieces[1].line == 3);
  CHECK(pieces[2].line == 4);
  CHECK(pieces[1].terminated);
  CHECK_FALSE(pieces[2].terminated);
}

TEST_CASE("semicolons in quotes, comments and parentheses end nothing") {
  for (const std::string text : {
           "select 'a;b', 'it''s;'",
           "select \"a;b\", \"q\"\";\"",
           "select E'a\\';b'",
           "select e'a\\\\', 1",
           "select U&'d\\0061;t' , u&\"d;x\"",
           "select B'01;', X'ff;', N'a;'",
           "select $$a;b$$, $tag$ ; $$ ; $other$ ; $tag$",
           "select $a$ x$$a$",
           "select $ä$;$ä$",
           "select 1 /* ; /* ; */ ; */ + 2",
           "select 1 -- ; x\n + 2",
           "select (1; 2), ((;);)",
           "create rule r as on insert to t do (insert into a values (1); insert into b values (2))",
           "select a$b$;",  // the dollar belongs to the name
           "select 1 /*;*/",
           "select '\n;\n'",
           "select 'a' 'b;'",
           "select 'a' -- c;\n 'b;'",
           "select '\xC3\xA4;', \xC3\xA4$x$",
       }) {
    CAPTURE(text);
    const bool semicolon = text.back() == ';';
    CHECK(TextsOf(semicolon ? text : text + ";") == Texts{semicolon ? text.substr(0, text.size() - 1) : text});
  }
}

TEST_CASE("a dollar quote starts only where no name goes on") {
  CHECK(TextsOf("a$b$;c$b$;") == Texts{"a$b$", "c$b$"});
  CHECK(TextsOf("select $1$$;$$;") == Texts{"select $1$$;$$"});
  CHECK(TextsOf("select $1;x;") == Texts{"select $1", "x"});
  CHECK(TextsOf("select $;x;") == Texts{"select $", "x"});
  CHECK(TextsOf("$abc;x;") == Texts{"$abc", "x"});
  CHECK(TextsOf("$e'\\';';x") == Texts{"$e'\\';'", "x"});
}

TEST_CASE("E'' strings always escape, plain ones where the server says so") {
  CHECK(TextsOf("a '\\'; b';") == Texts{"a '\\'", "b';"});
  CHECK(TextsOf("a '\\'; b';", {.backslash_escapes = true}) == Texts{"a '\\'; b'"});
  CHECK(TextsOf("a E'\\'; b';") == Texts{"a E'\\'; b'"});
  CHECK(TextsOf("a U&'\\'; b;", {.backslash_escapes = true}) == Texts{"a U&'\\'", "b"});
  CHECK(TextsOf("a N'\\'; b';", {.backslash_escapes = true}) == Texts{"a N'\\'; b'"});
  CHECK(TextsOf("a X'\\'; b;", {.backslash_escapes = true}) == Texts{"a X'\\'", "b"});
  CHECK(TextsOf("a E'x'\n'\\';b';") == Texts{"a E'x'\n'\\';b'"});  // the string goes on
  CHECK(TextsOf("a E'x' '\\';b;") == Texts{"a E'x' '\\'", "b"});   // without a newline it does not
  CHECK(TextsOf("a E'x''\\';b';") == Texts{"a E'x''\\';b'"});
  CHECK(TextsOf("ae'\\';b;") == Texts{"ae'\\'", "b"});  // the e belongs to a name
}

TEST_CASE("the backslash mode counts for what has not been scanned yet") {
  Splitter splitter({});
  splitter.Feed("a '\\';");
  CHECK(splitter.Next()->text == "a '\\'");
  splitter.SetBackslashEscapes(true);
  splitter.Feed("b '\\';';");
  CHECK(splitter.Next()->text == "b '\\';'");
}

TEST_CASE("bodies of BEGIN ATOMIC are one statement") {
  const std::string atomic =
      "create or replace function f(a int default case when 1=1 then 1 end) returns int\nlanguage sql begin atomic\n"
      " select 1; select case when a = 1 then 2 else 3 end; begin select 2; end; end";
  CHECK(TextsOf(atomic + ";select 1;") == Texts{atomic, "select 1"});
  CHECK(TextsOf("create procedure p() begin atomic; end; x;") == Texts{"create procedure p() begin atomic; end", "x"});
  CHECK(TextsOf("begin; select 1; end;") == Texts{"begin", "select 1", "end"});
  CHECK(TextsOf("create table begin (a int); b;") == Texts{"create table begin (a int)", "b"});
  CHECK(TextsOf("create view v as select case when true then 1 end; b;").size() == 2);
}

TEST_CASE("byte order mark, carriage returns, leading comments") {
  CHECK(TextsOf("\xEF\xBB\xBFselect 1;\r\nselect 2;\r\n") == Texts{"select 1", "select 2"});
  CHECK(TextsOf("select 1;\xEF\xBB\xBF;") == Texts{"select 1", "\xEF\xBB\xBF"});
  CHECK(TextsOf("\xEF\xBB;") == Texts{"\xEF\xBB"});
  CHECK(TextsOf("-- c\r select 1;") == Texts{"select 1"});  // a bare carriage return ends a comment
  CHECK(TextsOf("-- a\n-- b\nselect 1 -- c\n;") == Texts{"select 1 -- c\n"});
  CHECK(TextsOf("-- a\n/* hint */ -- b\nselect 1;") == Texts{"/* hint */ -- b\nselect 1"});
  CHECK(Split("-- a\n\n/* hint */\nselect 1;")[0].line == 3);
  CHECK(Split("select 1;\r\n\r\nselect 2;")[1].line == 3);
}

TEST_CASE("a script that ends inside something") {
  for (const std::string text : {"select 'a", "select \"a", "select $$a", "select /* a", "select (1", "select E'\\"}) {
    CAPTURE(text);
    CHECK(TextsOf(text + ";b;\n") == Texts{text + ";b;" + (text == "select (1" || text == "select /* a" ? "" : "\n")});
    CHECK_FALSE(Split(text).back().terminated);
  }
  CHECK(TextsOf("select 1 -") == Texts{"select 1 -"});
  CHECK(TextsOf("select 1 /") == Texts{"select 1 /"});
  CHECK(TextsOf("select 1e") == Texts{"select 1e"});
  CHECK(TextsOf("select u&") == Texts{"select u&"});
  CHECK(TextsOf("select $a") == Texts{"select $a"});
}

TEST_CASE("what is open at the end") {
  const auto open = [](std::string_view text) {
    Splitter splitter({});
    splitter.Feed(text);
    while (splitter.Next()) {
    }
    return splitter.open();
  };
  CHECK(open("") == OpenQuote::kNone);
  CHECK(open("select 1;\n") == OpenQuote::kNone);
  CHECK(open("-- x") == OpenQuote::kNone);
  CHECK(open("select 1\n") == OpenQuote::kStatement);
  CHECK(open("select 'a\n") == OpenQuote::kSingle);
  CHECK(open("select 'a'\n") == OpenQuote::kStatement);
  CHECK(open("select \"a\n") == OpenQuote::kDouble);
  CHECK(open("select $x$a\n") == OpenQuote::kDollar);
  CHECK(open("select /* /* */\n") == OpenQuote::kComment);
  CHECK(open("select (1;\n") == OpenQuote::kParenthesis);
}

TEST_CASE("meta commands leave the statement before them pending") {
  Splitter splitter({.meta_commands = true});
  splitter.Feed("\\timing on\r\nselect 1 \\g out.txt\nselect 2\\x\n+ 3;");
  auto piece = splitter.Next();
  REQUIRE(piece.has_value());
  CHECK(piece->kind == Piece::Kind::kMetaCommand);
  CHECK(piece->text == "\\timing on");
  CHECK_FALSE(splitter.pending());
  piece = splitter.Next();
  REQUIRE(piece.has_value());
  CHECK(piece->text == "\\g out.txt");
  CHECK(piece->line == 2);
  CHECK(splitter.pending());
  piece = splitter.TakePending();
  REQUIRE(piece.has_value());
  CHECK(piece->text == "select 1");
  CHECK(piece->line == 2);
  CHECK_FALSE(piece->terminated);
  CHECK(splitter.Next()->text == "\\x");
  piece = splitter.Next();
  REQUIRE(piece.has_value());
  CHECK(piece->text == "select 2\n+ 3");
  CHECK(piece->line == 3);

  CHECK(TextsOf("select '\\q' \\; select 2;", {.meta_commands = true}) == Texts{"select '\\q' ; select 2"});
  CHECK(TextsOf("\\q", {.meta_commands = true}) == Texts{"\\q"});
  CHECK(TextsOf("a\\q\nb", {.meta_commands = true}) == Texts{"\\q", "a\nb"});
  CHECK(TextsOf("a \\q; b;") == Texts{"a \\q", "b"});
}

TEST_CASE("Reset and DropPending forget, line numbers go on") {
  Splitter splitter({.meta_commands = true});
  splitter.Feed("select (\n'a\n");
  CHECK_FALSE(splitter.Next().has_value());
  splitter.Reset();
  CHECK(splitter.open() == OpenQuote::kNone);
  splitter.Feed("select 1;\nselect (2 \\r\n select 3;");
  CHECK(splitter.Next()->line == 3);
  CHECK(splitter.Next()->text == "\\r");
  splitter.DropPending();
  const auto piece = splitter.Next();
  REQUIRE(piece.has_value());
  CHECK(piece->text == "select 3");
  CHECK(piece->line == 5);
}

TEST_CASE("fifty megabytes in one pass") {
  const std::string block =
      "-- load\nINSERT INTO t VALUES (1, 'it''s; so', \"x;y\"), (2, E'a\\';', $q$ ; $q$); /* ; */\nSELECT count(*) "
      "FROM t;\n";
  std::string chunk;
  while (chunk.size() < 64 * 1024) chunk += block;
  const std::size_t per_chunk = 2 * (chunk.size() / block.size());
  Splitter splitter({});
  std::size_t pieces = 0;
  std::size_t chunks = 0;
  for (std::size_t fed = 0; fed < 50u << 20; fed += chunk.size(), ++chunks) {
    splitter.Feed(chunk);
    while (const auto piece = splitter.Next()) ++pieces;
  }
  splitter.Finish();
  CHECK_FALSE(splitter.Next().has_value());
  CHECK(pieces == chunks * per_chunk);
  CHECK(splitter.buffer_capacity() < 4 * chunk.size());
}

TEST_CASE("one long statement in small chunks is scanned once") {
  // A splitter that began anew at each Feed would read 2,000 times as much: minutes, not a moment.
  Splitter splitter({});
  splitter.Feed("select '");
  const std::string chunk(1000, 'x');
  for (int i = 0; i < 20'000; ++i) {
    splitter.Feed(chunk);
    REQUIRE_FALSE(splitter.Next().has_value());
  }
  splitter.Feed("';");
  CHECK(splitter.Next()->text.size() == 20'000'000 + 9);
}

}  // namespace berth::parser
