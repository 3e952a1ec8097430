#include "engine/settings.h"

#include <chrono>
#include <string>

#include <doctest/doctest.h>

using berth::engine::Set;
using berth::engine::Settings;
using berth::engine::Show;
using berth::parser::SetSetting;
using berth::parser::Value;
using berth::parser::ValueForm;

namespace {

SetSetting Assign(std::string name, Value value) {
  return {.name = {.name = std::move(name)}, .value = std::move(value)};
}

}  // namespace

TEST_CASE("SET berth.strict_if_not_exists") {
  Settings settings;
  REQUIRE(Set(Assign("strict_if_not_exists", {.form = ValueForm::kIdentifier, .text = "on"}), settings).ok());
  CHECK(settings.strict_if_not_exists);
  REQUIRE(Set(Assign("strict_if_not_exists", {.form = ValueForm::kBoolean, .text = "false"}), settings).ok());
  CHECK_FALSE(settings.strict_if_not_exists);
  CHECK_FALSE(Set(Assign("strict_if_not_exists", {.form = ValueForm::kString, .text = "perhaps"}), settings).ok());
}

TEST_CASE("SET berth.catalog_transaction_timeout takes a duration with a bound") {
  Settings settings;
  const auto set = [&](Value value) {
    return Set(Assign("catalog_transaction_timeout", std::move(value)), settings).ok();
  };
  CHECK(set({.form = ValueForm::kString, .text = "90s"}));
  CHECK(settings.catalog_transaction_timeout == std::chrono::seconds(90));
  CHECK(set({.form = ValueForm::kDuration, .text = "2", .unit = "minute"}));
  CHECK(settings.catalog_transaction_timeout == std::chrono::minutes(2));
  CHECK_FALSE(set({.form = ValueForm::kString, .text = "2h"}));
  CHECK_FALSE(set({.form = ValueForm::kString, .text = "0s"}));
  CHECK_FALSE(set({.form = ValueForm::kString, .text = "soon"}));
  CHECK(settings.catalog_transaction_timeout == std::chrono::minutes(2));
}

TEST_CASE("a setting that is not there") {
  Settings settings;
  const auto status = Set(Assign("strict_if_not_exist", {.form = ValueForm::kBoolean, .text = "true"}), settings);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().hint == "Did you mean berth.strict_if_not_exists?");
  CHECK_FALSE(Show({.name = {.name = "nothing_like_it"}}, settings).ok());
}

TEST_CASE("SHOW berth.name gives one row") {
  Settings settings;
  auto shown = Show({.name = {.name = "catalog_transaction_timeout"}}, settings);
  REQUIRE(shown.ok());
  CHECK(shown.value()->columns().front().name == "berth.catalog_transaction_timeout");
  const auto row = shown.value()->Next();
  REQUIRE(row.ok());
  REQUIRE(row.value().has_value());
  CHECK(row.value()->front() == "60000ms");
  CHECK_FALSE(shown.value()->Next().value().has_value());
}
