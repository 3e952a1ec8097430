#include "shell/conditions.h"

#include <doctest/doctest.h>

#include "fakes.h"
#include "shell/script.h"

using berth::ErrorCode;
using berth::shell::Conditions;
using berth::shell::RunScripts;
using berth::shell::test::FakeConsole;
using Texts = std::vector<std::string>;

TEST_CASE("The first branch whose expression is true runs, and no other") {
  Conditions conditions;
  CHECK(conditions.active());
  REQUIRE(conditions.Take("\\if", "off").ok());
  CHECK_FALSE(conditions.active());
  REQUIRE(conditions.Take("\\elif", "t").ok());
  CHECK(conditions.active());
  REQUIRE(conditions.Take("\\elif", "nonsense, which is not looked at").ok());
  CHECK_FALSE(conditions.active());
  REQUIRE(conditions.Take("\\else", "").ok());
  CHECK_FALSE(conditions.active());
  REQUIRE(conditions.Take("\\endif", "").ok());
  CHECK(conditions.active());
  CHECK_FALSE(conditions.open());
}

TEST_CASE("What stands within a branch that is not run is not run") {
  Conditions conditions;
  REQUIRE(conditions.Take("\\if", "0").ok());
  REQUIRE(conditions.Take("\\if", "1").ok());
  CHECK_FALSE(conditions.active());
  REQUIRE(conditions.Take("\\else", "").ok());
  CHECK_FALSE(conditions.active());
  REQUIRE(conditions.Take("\\endif", "").ok());
  REQUIRE(conditions.Take("\\else", "").ok());
  CHECK(conditions.active());
}

TEST_CASE("What is misplaced, or no boolean, says so") {
  Conditions conditions;
  for (const char* word : {"\\elif", "\\else", "\\endif"})
    CHECK(conditions.Take(word, "1").error().code == ErrorCode::kSyntax);
  CHECK(conditions.Take("\\if", "maybe").error().message.find("maybe") != std::string::npos);
  CHECK_FALSE(conditions.active());  // it counts as false
  REQUIRE(conditions.Take("\\else", "").ok());
  CHECK_FALSE(conditions.Take("\\else", "").ok());
  CHECK_FALSE(conditions.Take("\\elif", "1").ok());
  conditions.Reset();
  for (std::size_t i = 0; i < Conditions::kOpenMax; ++i) REQUIRE(conditions.Take("\\if", "1").ok());
  CHECK(conditions.Take("\\if", "1").error().code == ErrorCode::kLimitExceeded);
}

TEST_CASE("In a script: statements, commands and what they would take are left out") {
  FakeConsole fake;
  const auto run = [&](const std::string& text) {
    fake.conversation.executed.clear();
    const int status = RunScripts(fake.console, {{.name = "s.sql", .text = text}});
    return std::pair(status, fake.conversation.executed);
  };
  CHECK(run("\\set x 1\n\\if :x\na;\n\\else\nb;\n\\nonsense\n\\endif\nc;") == std::pair(0, Texts{"a", "c"}));
  CHECK(run("\\if false\nselect 1 \\gset p_\n\\set y ${nothing}\n\\elif true\nd;\n\\endif\ne;") ==
        std::pair(0, Texts{"d", "e"}));
  CHECK(run("\\if false\nselect 1\n\\endif\nf;") == std::pair(0, Texts{"f"}));
  CHECK(run("\\if :{?x}\na;\n\\endif\n\\if :{?none}\nb;\n\\endif\nselect :{?x};") ==
        std::pair(0, Texts{"a", "select TRUE"}));
  CHECK(run("g;\n\\if yes\nh;\n").first == 1);  // no \endif
  CHECK(fake.err.Text().find("\\endif") != std::string::npos);
  CHECK(run("select 1 \\if true\n;").first == 1);  // within a statement
}
