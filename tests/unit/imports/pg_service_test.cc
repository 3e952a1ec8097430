#include "imports/pg_service.h"

#include <string>

#include <doctest/doctest.h>

#include "imports/merge.h"
#include "imports/statements.h"
#include "parser/parse.h"

using berth::imports::FromPgService;
using berth::imports::Merge;
using berth::imports::Passwords;
using berth::imports::ScriptOf;
using berth::imports::StatementsFor;

namespace {

constexpr const char* kServices =
    "# services\r\n"
    "[warehouse]\r\nhost=h\r\nport=5439\r\ndbname=dev\r\nuser=u\r\nsslmode=require\r\n\r\n"
    "[own]\nhost=h\ndbname=other\nuser=u\npassword=in-the-file\ntarget_session_attrs=any\n"
    "[nobody]\nhost=h2\ndbname=x y\nuser=it's\n";
constexpr const char* kPasses =
    "# comment\n"
    "h:5432:dev:u:wrong-port\n"
    "h:*:d\\:ev:u:wrong-database\n"
    "h:5439:*:u:with\\:colon\\\\\n"
    "*:*:*:u:too-late\n";

}  // namespace

TEST_CASE("pgservice: services with the passwords of a .pgpass") {
  auto import = FromPgService(kServices, kPasses);
  REQUIRE(import.ok());
  Merge(import.value());
  REQUIRE(import.value().connections.size() == 3);
  CHECK(import.value().connections[0].password.secret.Reveal() == "with:colon\\");
  CHECK(import.value().connections[1].password.secret.Reveal() == "in-the-file");
  CHECK(import.value().connections[2].password.secret.empty());
  const auto script = ScriptOf(StatementsFor(import.value(), Passwords::kReferences), import.value().lost);
  CHECK(script.find("CONNECTION_STRING = 'jdbc:redshift://h2:5432/x%20y'\n    USER_NAME = 'it''s'") !=
        std::string::npos);
  CHECK(script.find("service own: target_session_attrs has no counterpart") != std::string::npos);
  CHECK(script.find("in-the-file") == std::string::npos);
  CHECK(script.find("colon") == std::string::npos);
}

TEST_CASE("pgservice: sealed statements hold the password, and parse") {
  const auto import = FromPgService(kServices, kPasses);
  const auto planned = StatementsFor(import.value(), Passwords::kSealed);
  REQUIRE(planned.size() == 3);
  const auto text = berth::parser::Print(planned[1].statement, berth::parser::PrintMode::kReadable);
  CHECK(text.find("PASSWORD = 'in-the-file'") != std::string::npos);
  CHECK(berth::parser::Parse(text).ok());
  CHECK(planned[1].variable.empty());
  CHECK(planned[2].variable == "BERTH_PASSWORD_NOBODY");
}

TEST_CASE("pgservice: lines that are none") {
  CHECK(FromPgService("host=h\n", "").error().message == "line 1 is neither [service] nor name=value below one");
  CHECK(FromPgService("[a]\nport=5432,5433\n", "").error().code == berth::ErrorCode::kSyntax);
}
