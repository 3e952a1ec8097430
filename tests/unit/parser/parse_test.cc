#include "parser/parse.h"

#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "parser/not_supported.h"

namespace berth::parser {
namespace {

template <class T>
T Parsed(std::string_view text) {
  auto parsed = Parse(text);
  REQUIRE_MESSAGE(parsed.ok(), parsed.error().message);
  REQUIRE(std::holds_alternative<T>(parsed.value()));
  return std::get<T>(std::move(parsed).value());
}

Error Refused(std::string_view text) {
  auto parsed = Parse(text);
  REQUIRE_FALSE(parsed.ok());
  return parsed.error();
}

std::string_view At(std::string_view text, const SourceSpan& span) {
  return text.substr(span.offset, span.length);
}

TEST_CASE("the manual's full example") {
  const std::string text =
      "CREATE REDSHIFT CONNECTION my_redshift_connection\n"
      "    CONNECTION_STRING = 'jdbc:redshift://<host_name>:5439/<database_name>'\n"
      "    USER_NAME = 'your username'\n"
      "    PASSWORD = 'your password'\n"
      "    MAX_CONCURRENT_CONNECTIONS = 10\n"
      "    COMMENT = 'My new Redshift connection';";
  const auto create = Parsed<CreateConnection>(text);
  CHECK(create.name.name == "my_redshift_connection");
  CHECK(At(text, create.name.span) == "my_redshift_connection");
  REQUIRE(create.options.size() == 5);
  CHECK(create.options[0].value.text == "jdbc:redshift://<host_name>:5439/<database_name>");
  CHECK(create.options[3].name.name == "MAX_CONCURRENT_CONNECTIONS");
  CHECK(create.options[3].value.form == ValueForm::kNumber);
  CHECK(create.options[3].value.text == "10");
  CHECK(At(text, create.options[4].value.span) == "'My new Redshift connection'");
  CHECK(At(text, create.options[4].name.span) == "COMMENT");
}

TEST_CASE("spans count bytes, also behind a byte order mark and beyond ASCII") {
  const std::string text = "\xEF\xBB\xBF-- é\nDROP CONNECTION \"é名\" cascade;";
  const auto drop = Parsed<DropConnection>(text);
  CHECK(drop.name.name == "é名");
  CHECK(At(text, drop.name.span) == "\"é名\"");
  CHECK(drop.behavior == DropBehavior::kCascade);
}

TEST_CASE("values") {
  const auto options = Parsed<CreateConnection>(
                           "create redshift connection c a = 'it''s', b = -3 c = 1.5 d = TRUE e = \"Mixed\" f = Folded "
                           "g = 30 Seconds h = 1 day i = ('x', 'y''z') j = secret S k = env 'V' l = FILE '/p' "
                           "m = command 'p a' n = prompt")
                           .options;
  REQUIRE(options.size() == 14);
  const auto is = [&](std::size_t i, ValueForm form, std::string_view text) {
    CHECK(options[i].value.form == form);
    CHECK(options[i].value.text == text);
  };
  is(0, ValueForm::kString, "it's");
  is(1, ValueForm::kNumber, "-3");
  is(2, ValueForm::kNumber, "1.5");
  is(3, ValueForm::kBoolean, "true");
  is(4, ValueForm::kIdentifier, "Mixed");
  is(5, ValueForm::kIdentifier, "folded");
  is(6, ValueForm::kDuration, "30");
  CHECK(options[6].value.unit == "second");
  is(7, ValueForm::kDuration, "1");
  CHECK(options[7].value.unit == "day");
  is(8, ValueForm::kList, "");
  CHECK(options[8].value.list == std::vector<std::string>{"x", "y'z"});
  is(9, ValueForm::kSecret, "s");
  is(10, ValueForm::kEnv, "V");
  is(11, ValueForm::kFile, "/p");
  is(12, ValueForm::kCommand, "p a");
  is(13, ValueForm::kPrompt, "");
}

TEST_CASE("a backslash is no escape in our own strings") {
  CHECK(Parsed<ShowJobs>(R"(SHOW JOBS LIKE 'a\')").like == R"(a\)");
}

TEST_CASE("every keyword may be a name, bare") {
  for (const auto* word :
       {"alter",  "as",   "if",      "not", "exists", "set",     "unset", "rename", "to",   "connection", "options",
        "secret", "true", "seconds", "day", "using",  "cascade", "table", "job",    "sync", "berth"}) {
    INFO(word);
    const std::string name(word);
    CHECK(Parsed<DropConnection>("DROP CONNECTION " + name).name.name == name);
    CHECK(Parsed<DropConnection>("DROP CONNECTION IF EXISTS " + name + " CASCADE").name.name == name);
    CHECK(Parsed<CreateConnection>("CREATE REDSHIFT CONNECTION " + name + " A = 1").name.name == name);
    CHECK(Parsed<CreateTable>("CREATE TABLE IF NOT EXISTS " + name + "." + name + "." + name + " (a int)")
              .name.table.name == name);
    CHECK(Parsed<CreateTable>("CREATE TABLE " + name + "." + name + "." + name + " (a int)").name.schema.name == name);
    CHECK(Parsed<CreateJob>("CREATE JOB " + name + " AS SELECT 1 AS as").body == "SELECT 1 AS as");
    CHECK(Parsed<AttachJob>("ATTACH JOB " + name + " USING CONNECTION " + name).connections[0].name == name);
    CHECK(Parsed<Use>("USE " + name).name.name == name);
    CHECK(Parsed<Use>("USE CONNECTION " + name).connection_keyword);
  }
}

TEST_CASE("names") {
  CHECK(Parsed<Use>("USE MiXed$1").name.name == "mixed$1");
  CHECK(Parsed<Use>("USE \"Mi\"\"Xed\"").name.name == "Mi\"Xed");
  CHECK(Parsed<Use>("USE " + std::string(127, 'x')).name.name.size() == 127);
  CHECK(Parsed<AttachJob>("ATTACH JOB 'Airflow:dag' USING CONNECTION c").name.name == "Airflow:dag");
  for (const auto& text :
       {std::string("USE \"\""), "USE " + std::string(128, 'x'), std::string("ATTACH JOB '' USING CONNECTION c"),
        "SHOW berth." + std::string(200, 'x'), std::string("CREATE REDSHIFT CONNECTION c A = SECRET \"\"")}) {
    const auto error = Refused(text);
    CHECK(error.code == ErrorCode::kInvalidArgument);
    CHECK(error.span.has_value());
    CHECK(error.hint == "A name has 1 to 127 bytes.");
  }
}

TEST_CASE("the tail of CREATE TABLE is kept byte for byte") {
  for (const auto* tail :
       {"(a int)", "AS SELECT 'x;y' -- c\n FROM t", "(a text DEFAULT 'it''s') DISTSTYLE ALL",
        "AS SELECT 'it\\'s; x', 'b'", "(a int);;  -- done", "AS SELECT $x$ ; ' $x$", "/* first */ (a int)",
        "(\"a;b\" int)\n\tSORTKEY (\"a;b\")", "AS SELECT 'C:\\' || ';'", "(é int)"}) {
    INFO(tail);
    const std::string text = std::string("create table if not exists c.s.t\n ") + tail;
    const auto table = Parsed<CreateTable>(text);
    std::string expected = tail;
    if (const auto semicolons = expected.find(";;"); semicolons != std::string::npos) expected.resize(semicolons);
    CHECK(table.rest == expected);
    CHECK(At(text, table.rest_span) == expected);
  }
}

TEST_CASE("the body of a job is kept byte for byte") {
  const std::string text =
      "CREATE JOB j COMMENT = 'as' AS\n  -- why\n  INSERT INTO REDSHIFT c.s.t\r\n SELECT ';' AS x ; -- end\n";
  const auto job = Parsed<CreateJob>(text);
  CHECK(job.body == "-- why\n  INSERT INTO REDSHIFT c.s.t\r\n SELECT ';' AS x");
  CHECK(At(text, job.body_span) == job.body);
  CHECK_FALSE(job.script);

  const std::string scripted = "CREATE OR REPLACE SYNC JOB IF NOT EXISTS j AS /* c */ $t$ a; $$b$$; $t$ ;";
  const auto script = Parsed<CreateJob>(scripted);
  CHECK(script.script);
  CHECK(script.body == " a; $$b$$; ");
  CHECK(At(scripted, script.body_span) == script.body);
  CHECK((script.or_replace && script.sync && script.if_not_exists));
}

TEST_CASE("a tail that is read in two ways is never cut short") {
  // With escapes the string goes on to the end; without them a comment begins behind the first semicolon.
  const std::string tail = R"(SELECT '\'; -- ')";
  CHECK(Parsed<CreateJob>("CREATE JOB j AS " + tail).body == tail);
}

TEST_CASE("a megabyte of tail or string") {
  const std::string big(1u << 20, 'x');
  CHECK(Parsed<CreateTable>("CREATE TABLE c.s.t AS SELECT '" + big + "'").rest.size() == big.size() + 12);
  CHECK(Parsed<ShowJobs>("SHOW JOBS LIKE '" + big + "'").like == big);
}

TEST_CASE("nothing nests: a hundred thousand open comments and parentheses are an error, not a crash") {
  std::string comments;
  for (int i = 0; i < 100'000; ++i) comments += "/*";
  CHECK(Refused("DROP CONNECTION c " + comments).code == ErrorCode::kSyntax);
  CHECK(Refused("DROP CONNECTION " + std::string(4'000, '(')).code == ErrorCode::kSyntax);
}

TEST_CASE("limits") {
  CHECK(Refused(std::string(kStatementBytesMax + 1, ' ')).code == ErrorCode::kLimitExceeded);
  CHECK(Parsed<Use>("USE c" + std::string(kStatementBytesMax - 5, ' ')).name.name == "c");
  std::string many = "ATTACH JOB j USING CONNECTION c";
  for (int i = 0; i < 5000; ++i) many += ", c";
  const auto error = Refused(many);
  CHECK(error.code == ErrorCode::kLimitExceeded);
  CHECK(error.message == "the statement has more than 5000 words");
}

TEST_CASE("NUL bytes and invalid UTF-8") {
  const auto nul = Refused(std::string_view("DROP CONNECTION a\0b", 19));
  CHECK(nul.code == ErrorCode::kInvalidArgument);
  CHECK(nul.span == SourceSpan{17, 1});
  const auto bad = Refused("DROP\nCONNECTION \xFF");
  CHECK(bad.code == ErrorCode::kInvalidArgument);
  CHECK(bad.message == "line 2 is not valid UTF-8");
  CHECK(bad.span == SourceSpan{5, 1});
}

TEST_CASE("every statement of the table of later ones is refused by name") {
  const std::pair<const char*, const char*> kCases[] = {
      {"CREATE REPLICATION JOB j", "CREATE REPLICATION JOB"},
      {"CREATE S3 CONNECTION c", "CREATE S3 CONNECTION"},
      {"ALTER Snowflake CONNECTION c SET A = 1", "ALTER SNOWFLAKE CONNECTION"},
  };
  for (const auto& [text, name] : kCases) {
    const auto error = Refused(text);
    CHECK(error.code == ErrorCode::kNotSupported);
    CHECK(error.Sqlstate() == "0A000");
    CHECK(error.message == std::string(name) + " is not supported by this version of Berth");
  }
  CHECK_FALSE(NotSupportedForms().empty());
  CHECK(Refused("DROP TABLE IF EXISTS a.b.c, d.e.f CASCADE").code == ErrorCode::kNotSupported);
}

TEST_CASE("EXPLAIN refuses RUN JOB by name") {
  const auto error = Refused("explain run job j TIMEOUT '1m'");
  CHECK(error.Sqlstate() == "0A000");
  CHECK(error.message.find("EXPLAIN has no RUN JOB") == 0);
  CHECK_FALSE(error.hint.empty());
  CHECK(error.span == SourceSpan{0, 15});
}

TEST_CASE("connections with the names of later statements can be dropped") {
  CHECK(Parsed<DropConnection>("DROP CONNECTION group").name.name == "group");
  CHECK(Parsed<DropConnection>("DROP CONNECTION group CASCADE").name.name == "group");
}

TEST_CASE("many threads take turns") {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (auto& count : wrong) {
    threads.emplace_back([&count] {
      for (int i = 0; i < 200; ++i) {
        if (!Parse("ALTER REDSHIFT CONNECTION c SET A = 1 SET B = 'x'").ok()) ++count;
        if (Parse("ALTER REDSHIFT CONNECTION c SET A 1").ok()) ++count;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const int count : wrong) CHECK(count == 0);
}

}  // namespace
}  // namespace berth::parser
