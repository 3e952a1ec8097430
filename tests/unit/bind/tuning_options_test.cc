#include "bind/tuning_options.h"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "bind/connection_options.h"

namespace berth::bind {
namespace {

using parser::Option;
using parser::ValueForm;
using std::chrono::milliseconds;

Option Given(std::string name, ValueForm form, std::string text, std::string unit = {}) {
  Option option;
  option.name.name = std::move(name);
  option.value.form = form;
  option.value.text = std::move(text);
  option.value.unit = std::move(unit);
  option.value.span = {{.offset = 7, .length = 3}};
  return option;
}

Result<ConnectionOptions> Set(Option option) {
  return BindSet({.options = {std::move(option)}});
}

std::string Refusal(Option option) {
  auto bound = Set(std::move(option));
  REQUIRE_FALSE(bound.ok());
  CHECK((bound.error().code == ErrorCode::kInvalidArgument || bound.error().code == ErrorCode::kLimitExceeded));
  REQUIRE(bound.error().span.has_value());
  CHECK(bound.error().span->offset == 7);
  return bound.error().message;
}

TuningTime Time(Option option) {
  auto bound = Set(std::move(option));
  REQUIRE(bound.ok());
  REQUIRE(bound.value().tuning.acquire_timeout.has_value());
  return *bound.value().tuning.acquire_timeout;
}

bool Has(std::string_view text, std::string_view piece) {
  return text.find(piece) != std::string_view::npos;
}

}  // namespace

TEST_CASE("durations are a number with a unit, or a string") {
  const auto time = [](const char* text, const char* unit) {
    return Time(Given("ACQUIRE_TIMEOUT", ValueForm::kDuration, text, unit));
  };
  CHECK(time("30", "second") == milliseconds(30'000));
  CHECK(time("500", "millisecond") == milliseconds(500));
  CHECK(time("2", "minute") == milliseconds(120'000));
  CHECK(time("1", "hour") == milliseconds(3'600'000));
  CHECK(time("1", "day") == milliseconds(86'400'000));
  const auto text = [](const char* value) { return Time(Given("ACQUIRE_TIMEOUT", ValueForm::kString, value)); };
  CHECK(text("30s") == milliseconds(30'000));
  CHECK(text("500ms") == milliseconds(500));
  CHECK(text("10m") == milliseconds(600'000));
  CHECK(text("1h") == milliseconds(3'600'000));
}

TEST_CASE("a duration that is none, or out of range, is refused by name and numbers") {
  CHECK(Refusal(Given("ACQUIRE_TIMEOUT", ValueForm::kNumber, "30")) ==
        "ACQUIRE_TIMEOUT takes a duration, not a number without a unit");
  CHECK(Refusal(Given("ACQUIRE_TIMEOUT", ValueForm::kNumber, "0")) ==
        "ACQUIRE_TIMEOUT cannot be 0: it is out of the range 100 ms to 24 h");
  CHECK(Refusal(Given("ACQUIRE_TIMEOUT", ValueForm::kString, "soon")) ==
        "ACQUIRE_TIMEOUT cannot be soon: it is no duration");
  CHECK(Refusal(Given("ACQUIRE_TIMEOUT", ValueForm::kDuration, "2", "day")) ==
        "ACQUIRE_TIMEOUT cannot be 2 DAYS: it is out of the range 100 ms to 24 h");
  CHECK(Refusal(Given("ACQUIRE_TIMEOUT", ValueForm::kBoolean, "true")) ==
        "ACQUIRE_TIMEOUT takes a duration, not TRUE or FALSE");
  CHECK(Set(Given("IDLE_TIMEOUT", ValueForm::kNumber, "0")).value().tuning.idle_timeout == milliseconds(0));
  CHECK(Set(Given("IDLE_TIMEOUT", ValueForm::kString, "0")).value().tuning.idle_timeout == milliseconds(0));
  CHECK(Set(Given("STATEMENT_TIMEOUT", ValueForm::kString, "0")).value().tuning.statement_timeout == milliseconds(0));
}

TEST_CASE("what the table says of a range is what is obeyed") {
  for (const auto& row : OptionTable()) {
    if (row.type == "duration") {
      const auto message = Refusal(Given(std::string(row.name), ValueForm::kString, "1000d"));
      CHECK_MESSAGE(Has(message, "it is out of the range " + std::string(row.range)), message);
      const bool off = row.range.starts_with("0 (off)");
      CHECK(Set(Given(std::string(row.name), ValueForm::kNumber, "0")).ok() == off);
    }
    if (row.type == "integer") {
      const auto message = Refusal(Given(std::string(row.name), ValueForm::kNumber, "9999999"));
      CHECK_MESSAGE(Has(message, "it is out of the range " + std::string(row.range)), message);
    }
  }
}

TEST_CASE("durations print as they are read") {
  for (const std::int64_t ms : {1LL, 250LL, 1'000LL, 90'000LL, 60'000LL, 3'600'000LL, 86'400'000LL, 604'800'000LL}) {
    CHECK(MillisecondsOf(TimeValue(milliseconds(ms))) == ms);
  }
  CHECK(TimeText(milliseconds(300'000)) == "5 min");
  CHECK(TimeText(milliseconds(1'500)) == "1500 ms");
  CHECK(TimeValue(milliseconds(0)).text == "0");
}

TEST_CASE("names of clusters, workgroups and secrets are those of the Data API") {
  const auto accepts = [](const char* name, std::string text) {
    return Set(Given(name, ValueForm::kString, std::move(text))).ok();
  };
  for (const auto* good : {"a", "examplecluster", "redshift-cluster-1"}) CHECK(accepts("CLUSTER_IDENTIFIER", good));
  for (const auto* bad : {"", "1a", "a-", "a--b", "A", "a_b"}) CHECK_FALSE(accepts("CLUSTER_IDENTIFIER", bad));
  CHECK(accepts("CLUSTER_IDENTIFIER", std::string(63, 'a')));
  CHECK_FALSE(accepts("CLUSTER_IDENTIFIER", std::string(64, 'a')));
  for (const auto* good : {"abc", "my-group", "arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/0f-1",
                           "arn:aws-cn:redshift-serverless:cn-north-1:123456789012:workgroup/name/name"}) {
    CHECK(accepts("WORKGROUP", good));
  }
  for (const auto* bad : {"ab", "Abc", "a_b", "arn:aws:redshift:eu-west-1:123456789012:workgroup/x",
                          "arn:aws:redshift-serverless:eu-west-1:12:workgroup/x", "arn:aws:redshift-serverless"}) {
    CHECK_FALSE(accepts("WORKGROUP", bad));
  }
  CHECK(accepts("SECRET_ARN", "arn:aws:secretsmanager:us-west-2:123456789012:secret:s-AbCdEf"));
  CHECK_FALSE(accepts("SECRET_ARN", "hunter2"));
  CHECK_FALSE(Has(Refusal(Given("SECRET_ARN", ValueForm::kString, "hunter2")), "hunter2"));
  CHECK_FALSE(accepts("SECRET_ARN", "arn:" + std::string(2'048, 'x')));
}

TEST_CASE("GROUP takes a name") {
  const auto bound = Set(Given("GROUP", ValueForm::kIdentifier, "wh"));
  REQUIRE(bound.ok());
  CHECK(bound.value().group->name == "wh");
  CHECK(Refusal(Given("GROUP", ValueForm::kString, "wh")) ==
        "GROUP takes the name of a connection group, not a string");
}

TEST_CASE("options of a group") {
  parser::CreateGroup create;
  CHECK(BindGroupCreate(create).error().message == "the connection group lacks MAX_CONCURRENT_CONNECTIONS");
  create.options = {Given("MAX_CONCURRENT_CONNECTIONS", ValueForm::kNumber, "60"),
                    Given("COMMENT", ValueForm::kString, "note")};
  const auto bound = BindGroupCreate(create);
  REQUIRE(bound.ok());
  CHECK(bound.value().max_concurrent_connections == 60);
  CHECK(bound.value().comment == "note");
  CHECK(BindGroupSet({.options = {Given("COMENT", ValueForm::kString, "x")}}).error().hint == "Did you mean COMMENT?");
  CHECK(CheckGroupUnset({.options = {{.name = "COMMENT"}}}).ok());
  CHECK(CheckGroupUnset({.options = {{.name = "MAX_CONCURRENT_CONNECTIONS"}}}).error().message ==
        "the option MAX_CONCURRENT_CONNECTIONS cannot be unset: a connection group needs it");
}

}  // namespace berth::bind
