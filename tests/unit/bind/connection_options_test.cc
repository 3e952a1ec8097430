#include "bind/connection_options.h"

#include <algorithm>
#include <memory>

#include <doctest/doctest.h>

#include "bind/connection_url.h"
#include "bind/job_options.h"

namespace berth::bind {
namespace {

using parser::Identifier;
using parser::Option;
using parser::Value;
using parser::ValueForm;

// Options as a parser would hand them on; what stands where is told apart by made-up spans: the option at n has its
// name at 100 n and its value at 100 n + 50.
Option Given(std::uint32_t n, std::string name, ValueForm form, std::string text) {
  Option option;
  option.name = Identifier{.name = std::move(name), .span = {{.offset = 100 * n, .length = 7}}};
  option.value.form = form;
  option.value.span = {{.offset = 100 * n + 50, .length = static_cast<std::uint32_t>(text.size()) + 2}};
  option.value.text = std::move(text);
  return option;
}

const std::string kUrl = "jdbc:redshift://host:5439/db";
Option Url(std::uint32_t n, std::string text = kUrl) {
  return Given(n, "CONNECTION_STRING", ValueForm::kString, std::move(text));
}
Option User(std::uint32_t n) {
  return Given(n, "USER_NAME", ValueForm::kString, "u");
}
Option Password(std::uint32_t n, ValueForm form = ValueForm::kString, std::string text = "hunter2") {
  return Given(n, "PASSWORD", form, std::move(text));
}
Option Cap(std::uint32_t n, ValueForm form, std::string text) {
  return Given(n, "MAX_CONCURRENT_CONNECTIONS", form, std::move(text));
}

parser::CreateConnection Create(std::vector<Option> options) {
  parser::CreateConnection statement;
  statement.name = Identifier{.name = "c", .span = {{.offset = 27, .length = 1}}};
  statement.options = std::move(options);
  return statement;
}

Error CreateRefusal(std::vector<Option> options) {
  auto bound = BindCreate(Create(std::move(options)));
  REQUIRE(!bound.ok());
  const auto& error = bound.error();
  CHECK((error.message + error.detail + error.hint).find("hunter2") == std::string::npos);
  return std::move(bound).TakeError();
}

Error SetRefusal(std::vector<Option> options) {
  auto bound = BindSet({.options = std::move(options)});
  REQUIRE(!bound.ok());
  return std::move(bound).TakeError();
}

void CheckError(const Error& error, ErrorCode code, std::string_view part, SourceSpan span) {
  CAPTURE(error.message);
  CHECK(error.code == code);
  CHECK(error.message.find(part) != std::string::npos);
  REQUIRE(error.span.has_value());
  CHECK(error.span->offset == span.offset);
  CHECK(error.span->length == span.length);
}
constexpr auto kInvalid = ErrorCode::kInvalidArgument;

}  // namespace

TEST_CASE("a full definition") {
  const auto bound = BindCreate(Create({Url(1), User(2), Password(3), Cap(4, ValueForm::kNumber, "7"),
                                        Given(5, "COMMENT", ValueForm::kString, "it's")}));
  REQUIRE(bound.ok());
  const auto& options = bound.value();
  CHECK(options.connection_string == kUrl);
  CHECK(options.user_name == "u");
  REQUIRE(options.password.has_value());
  CHECK(options.password->kind == PasswordKind::kLiteral);
  CHECK(options.password->literal.Reveal() == "hunter2");
  CHECK(options.max_concurrent_connections == 7);
  CHECK(options.comment == "it's");
}

TEST_CASE("the short definition leaves the rest out") {
  const auto bound = BindCreate(Create({Password(1), User(2), Url(3)}));
  REQUIRE(bound.ok());
  CHECK(!bound.value().max_concurrent_connections);
  CHECK(!bound.value().comment);
}

TEST_CASE("passwords by reference") {
  const auto env = BindSet({.options = {Password(1, ValueForm::kEnv, "_Pw9")}}).value();
  CHECK(env.password->kind == PasswordKind::kEnv);
  CHECK(env.password->reference == "_Pw9");
  CHECK(env.password->literal.empty());
  const auto file = BindSet({.options = {Password(1, ValueForm::kFile, "/run/secrets/pw")}}).value();
  CHECK(file.password->kind == PasswordKind::kFile);
  CHECK(file.password->reference == "/run/secrets/pw");
  for (const std::string bad : {"", "9A", "A-B", "A B", "A=B", "\xC3\xA9"}) {
    CheckError(SetRefusal({Password(1, ValueForm::kEnv, bad)}), kInvalid, "environment variable",
               {.offset = 150, .length = static_cast<std::uint32_t>(bad.size()) + 2});
  }
  for (const std::string bad : {"", "pw", "./pw", "~/pw"}) {
    CheckError(SetRefusal({Password(1, ValueForm::kFile, bad)}), kInvalid, "absolute path",
               {.offset = 150, .length = static_cast<std::uint32_t>(bad.size()) + 2});
  }
  CHECK(SetRefusal({Password(1, ValueForm::kFile, "/" + std::string(4096, 'x'))}).code == ErrorCode::kLimitExceeded);
}

TEST_CASE("a password of another form is refused without being repeated") {
  CheckError(CreateRefusal({Url(1), User(2), Password(3, ValueForm::kString, "")}), kInvalid, "PASSWORD is empty",
             {.offset = 350, .length = 2});
  for (const auto form :
       {ValueForm::kNumber, ValueForm::kBoolean, ValueForm::kIdentifier, ValueForm::kDuration, ValueForm::kList}) {
    CheckError(CreateRefusal({Url(1), User(2), Password(3, form)}), kInvalid, "PASSWORD takes a string",
               {.offset = 350, .length = 9});
  }
  CHECK(SetRefusal({Password(1, ValueForm::kString, std::string(1025, 'p'))}).message ==
        "PASSWORD has 1025 bytes; the limit is 1024");
}

TEST_CASE("a password may be a secret, and there may be a second one") {
  const auto secret = BindSet({.options = {Password(1, ValueForm::kSecret, "s")}});
  REQUIRE(secret.ok());
  CHECK(secret.value().password->kind == PasswordKind::kSecret);
  CHECK(secret.value().password->secret.name == "s");
  const auto next = BindSet({.options = {Given(1, "PASSWORD_NEXT", ValueForm::kString, "hunter2")}});
  REQUIRE(next.ok());
  CHECK(next.value().password_next->literal.Reveal() == "hunter2");
  CHECK_FALSE(next.value().password);
  for (const auto form : {ValueForm::kNumber, ValueForm::kSecret, ValueForm::kPrompt}) {
    CheckError(SetRefusal({Given(1, "PASSWORD_NEXT", form, "hunter2")}), kInvalid,
               "PASSWORD_NEXT takes a string, ENV, FILE or COMMAND", {.offset = 150, .length = 9});
  }
}

TEST_CASE("all that is missing stands in one error") {
  CheckError(CreateRefusal({}), kInvalid, "the connection lacks CONNECTION_STRING, USER_NAME, PASSWORD",
             {.offset = 27, .length = 1});
  CheckError(CreateRefusal({User(1)}), kInvalid, "the connection lacks CONNECTION_STRING, PASSWORD",
             {.offset = 27, .length = 1});
  const auto in_url = CreateRefusal({User(1), Url(2, kUrl + "?password=hunter2")});
  CHECK(in_url.message == "the connection lacks PASSWORD");
  CHECK(BindSet({.options = {User(1)}}).ok());
}

TEST_CASE("unknown and doubled options point at their names") {
  const auto misspelt = CreateRefusal({Url(1), Given(2, "MAX_CONCURENT_CONNECTIONS", ValueForm::kNumber, "5")});
  CheckError(misspelt, kInvalid, "no option MAX_CONCURENT_CONNECTIONS", {.offset = 200, .length = 7});
  CHECK(misspelt.hint == "Did you mean MAX_CONCURRENT_CONNECTIONS?");
  CHECK(CreateRefusal({Given(1, "PASWORD", ValueForm::kString, "hunter2")}).hint == "Did you mean PASSWORD?");
  const auto strange = SetRefusal({Given(1, "XYZZY", ValueForm::kNumber, "5")});
  CHECK(
      strange.hint.starts_with("The options are CONNECTION_STRING, USER_NAME, PASSWORD, MAX_CONCURRENT_CONNECTIONS, "));
  CheckError(CreateRefusal({Url(1), User(2), Url(3), Password(4)}), kInvalid, "CONNECTION_STRING is given twice",
             {.offset = 300, .length = 7});
  CheckError(SetRefusal({User(1), User(2)}), kInvalid, "USER_NAME is given twice", {.offset = 200, .length = 7});
}

TEST_CASE("MAX_CONCURRENT_CONNECTIONS is an integer from 1 to 2000") {
  const std::pair<const char*, int> good[] = {{"1", 1}, {"2000", 2000}, {"+5", 5}, {"0010", 10}};
  for (const auto& [text, number] : good) {
    CHECK(BindSet({.options = {Cap(1, ValueForm::kNumber, text)}}).value().max_concurrent_connections == number);
  }
  for (const std::string bad :
       {"0", "-1", "-0", "2001", "2147483648", "99999999999999999999999", "-99999999999999999999"}) {
    const auto error = SetRefusal({Cap(1, ValueForm::kNumber, bad)});
    CheckError(error, kInvalid, "cannot be " + bad + ": it is out of the range 1 to 2000",
               {.offset = 150, .length = static_cast<std::uint32_t>(bad.size()) + 2});
    CHECK(error.hint == "It is an integer from 1 to 2000.");
  }
  for (const std::string bad : {"1.5", "1e2", "10.0", ".5", ""}) {
    CHECK(SetRefusal({Cap(1, ValueForm::kNumber, bad)}).message.find("it is no integer") != std::string::npos);
  }
  const auto quoted = SetRefusal({Cap(1, ValueForm::kString, "10")});
  CHECK(quoted.message == "MAX_CONCURRENT_CONNECTIONS takes an integer, not a string");
  CHECK(quoted.hint == "It is an integer from 1 to 2000, without quotes.");
  for (const auto form : {ValueForm::kIdentifier, ValueForm::kBoolean, ValueForm::kDuration, ValueForm::kEnv}) {
    CHECK(SetRefusal({Cap(1, form, "10")}).code == kInvalid);
  }
}

TEST_CASE("an error in the URL points into the literal") {
  const auto error = CreateRefusal({Url(1, "jdbc:redshift://host:abc/db"), User(2), Password(3)});
  CheckError(error, kInvalid, "port abc", {.offset = 150 + 1 + 21, .length = 3});
  const auto empty = CreateRefusal({Url(1, ""), User(2), Password(3)});
  CheckError(empty, kInvalid, "is empty", {.offset = 151, .length = 1});
  // A property's error has no place of its own: the whole literal.
  const auto user = CreateRefusal({Url(1, kUrl + "?user=hunter2"), User(2), Password(3)});
  CheckError(user, kInvalid, "holds a user", {.offset = 150, .length = static_cast<std::uint32_t>(kUrl.size()) + 15});
  // Doubled quotes in the literal: the places do not match, so the whole literal again.
  auto doubled = Url(1, "jdbc:redshift://ho'st:abc/db");
  doubled.value.span.length += 1;
  CheckError(CreateRefusal({doubled, User(2), Password(3)}), kInvalid, "port abc", {.offset = 150, .length = 31});
  CHECK(CreateRefusal({Given(1, "CONNECTION_STRING", ValueForm::kEnv, "X"), User(2), Password(3)}).message ==
        "CONNECTION_STRING takes a string, not ENV");
}

TEST_CASE("user name and comment") {
  CHECK(SetRefusal({Given(1, "USER_NAME", ValueForm::kString, "")}).message == "USER_NAME is empty");
  CHECK(SetRefusal({Given(1, "USER_NAME", ValueForm::kIdentifier, "awsuser")}).message ==
        "USER_NAME takes a string, not a name without quotes");
  CHECK(SetRefusal({Given(1, "USER_NAME", ValueForm::kString, std::string(128, 'u'))}).code ==
        ErrorCode::kLimitExceeded);
  CHECK(BindSet({.options = {Given(1, "COMMENT", ValueForm::kString, "")}}).value().comment == "");
  std::string umlauts;
  for (int i = 0; i < 1000; ++i) umlauts += "\xC3\xBC";
  CHECK(BindSet({.options = {Given(1, "COMMENT", ValueForm::kString, umlauts)}}).ok());
  CHECK(SetRefusal({Given(1, "COMMENT", ValueForm::kString, umlauts + "x")}).message ==
        "COMMENT has 1001 characters; the limit is 1000");
  CHECK(SetRefusal({Given(1, "COMMENT", ValueForm::kNumber, "5")}).code == kInvalid);
}

TEST_CASE("UNSET knows what has a default") {
  const auto name = [](std::uint32_t at, const char* text) {
    return Identifier{.name = text, .span = {{.offset = at, .length = 5}}};
  };
  const auto bound = BindUnset({.options = {name(1, "COMMENT"), name(9, "MAX_CONCURRENT_CONNECTIONS")}});
  REQUIRE(bound.ok());
  CHECK(bound.value() == std::vector<std::string_view>{"COMMENT", "MAX_CONCURRENT_CONNECTIONS"});
  for (const char* const required : {"CONNECTION_STRING", "USER_NAME", "PASSWORD"}) {
    CheckError(BindUnset({.options = {name(4, required)}}).error(), kInvalid, "cannot be unset",
               {.offset = 4, .length = 5});
  }
  CHECK(BindUnset({.options = {name(4, "COMENT")}}).error().hint == "Did you mean COMMENT?");
  CheckError(BindUnset({.options = {name(4, "COMMENT"), name(9, "COMMENT")}}).error(), kInvalid, "twice",
             {.offset = 9, .length = 5});
  CHECK(BindUnset({.options = {name(4, "MIN_IDLE")}}).value() == std::vector<std::string_view>{"MIN_IDLE"});
  CHECK(BindUnset({.options = {name(4, "PASSWORD_NEXT")}}).ok());
}

TEST_CASE("the option table") {
  const auto table = OptionTable();
  const auto row = [&](std::string_view name) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& facts) { return facts.name == name; });
    REQUIRE(found != table.end());
    return *found;
  };
  CHECK(table.size() == 20);
  CHECK(row("PASSWORD_NEXT").secret);
  CHECK(row("PASSWORD").secret);
  CHECK(row("CONNECTION_STRING").required);
  CHECK(!row("CONNECTION_STRING").secret);
  CHECK(row("COMMENT").unsettable);
  // What the table says is what the constants do.
  CHECK(row("MAX_CONCURRENT_CONNECTIONS").default_value == std::to_string(kSessionsDefault));
  CHECK(row("MAX_CONCURRENT_CONNECTIONS").range == "1 to " + std::to_string(kSessionsMax));
  CHECK(row("USER_NAME").range == "1 to " + std::to_string(kUserNameBytesMax) + " bytes");
  for (const auto& facts : table) {
    CHECK(!facts.description.empty());
    CHECK(facts.required != facts.unsettable);
  }
}

TEST_CASE("job options") {
  parser::CreateJob job;
  CHECK(BindJob(job.options).ok());
  job.options = {Given(1, "CONNECTION", ValueForm::kIdentifier, "c"), Given(2, "COMMENT", ValueForm::kString, "note")};
  const auto bound = BindJob(job.options);
  REQUIRE(bound.ok());
  CHECK(bound.value().connection->name == "c");
  CHECK(bound.value().connection->span.offset == 150);
  CHECK(bound.value().comment == "note");
  const auto refusal = [&](Option option) {
    job.options = {std::move(option)};
    auto refused = BindJob(job.options);
    REQUIRE(!refused.ok());
    return std::move(refused).TakeError();
  };
  for (const std::string kept :
       {"START_FROM", "END_AT", "COMPUTE_CLUSTER", "SKIP_VALIDATIONS", "SKIP_ALL_VALIDATIONS",
        "AGGREGATION_PARALLELISM", "RUN_PARALLELISM", "SKIP_FAILED_FILES", "FAIL_ON_WRITE_ERROR"}) {
    const auto kept_as_is = BindJob({Given(1, kept, ValueForm::kDuration, "1")});
    REQUIRE(kept_as_is.ok());
    CHECK(kept_as_is.value().without_effect.size() == 1);
    CHECK(IsWithoutEffect(kept));
  }
  CHECK_FALSE(IsWithoutEffect("RUN_INTERVAL"));
  CHECK(refusal(Given(1, "CONECTION", ValueForm::kIdentifier, "c")).hint == "Did you mean CONNECTION?");
  CHECK(
      refusal(Given(1, "PASSWORD", ValueForm::kString, "x")).hint.starts_with("The options are COMMENT, CONNECTION, "));
  CheckError(refusal(Given(1, "CONNECTION", ValueForm::kString, "c")), kInvalid, "name of a connection",
             {.offset = 150, .length = 3});
  job.options = {Given(1, "COMMENT", ValueForm::kString, "a"), Given(2, "COMMENT", ValueForm::kString, "b")};
  CheckError(BindJob(job.options).error(), kInvalid, "twice", {.offset = 200, .length = 7});
}

TEST_CASE("when a job runs") {
  const auto duration = [](const char* number, const char* unit) {
    auto option = Given(1, "RUN_INTERVAL", ValueForm::kDuration, number);
    option.value.unit = unit;
    return option;
  };
  const auto bound = BindJob({duration("15", "minute")});
  REQUIRE(bound.ok());
  CHECK(bound.value().run_interval == std::chrono::minutes(15));
  for (const char* number : {"7", "11", "25"}) {
    CheckError(BindJob({duration(number, "hour")}).error(), kInvalid, number == std::string("25") ? "range" : "divide",
               {.offset = 150, .length = static_cast<std::uint32_t>(std::string_view(number).size() + 2)});
  }
  const auto schedule = Given(2, "SCHEDULE", ValueForm::kString, "0 6 * * *");
  CHECK(BindJob({schedule}).value().schedule == "0 6 * * *");
  CheckError(BindJob({duration("1", "hour"), schedule}).error(), kInvalid, "exclude each other",
             {.offset = 200, .length = 7});
  CheckError(BindJob({Given(1, "SCHEDULE", ValueForm::kString, "0 6 * *")}).error(), kInvalid, "5 fields",
             {.offset = 150, .length = 9});
  CheckError(BindJob({Given(1, "TIME_ZONE", ValueForm::kString, "Mars/Olympus")}).error(), kInvalid, "no time zone",
             {.offset = 150, .length = 14});
  CheckError(BindJob({Given(1, "AUTO_COMMIT", ValueForm::kNumber, "1")}).error(), kInvalid, "TRUE or FALSE",
             {.offset = 150, .length = 3});
  CheckError(BindJob({Given(1, "RETRIES", ValueForm::kNumber, "21")}).error(), kInvalid, "range 0 to 20",
             {.offset = 150, .length = 4});
}

}  // namespace berth::bind
