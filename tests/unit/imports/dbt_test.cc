#include <map>
#include <string>

#include <doctest/doctest.h>

#include "imports/dbt_manifest.h"
#include "imports/dbt_profiles.h"
#include "imports/merge.h"
#include "imports/statements.h"

using berth::imports::FromDbtManifest;
using berth::imports::FromDbtProfiles;
using berth::imports::Merge;
using berth::imports::Passwords;
using berth::imports::ScriptOf;
using berth::imports::StatementsFor;

namespace {

std::string Script(const std::string& text, const std::map<std::string, std::string>& environment = {}) {
  auto import = FromDbtProfiles(text, [&](const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  });
  REQUIRE_MESSAGE(import.ok(), (import.ok() ? "" : import.error().message));
  Merge(import.value());
  return ScriptOf(StatementsFor(import.value(), Passwords::kReferences), import.value().lost);
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* kProfiles = R"(config:
  send_anonymous_usage_stats: false
shop:
  target: dev
  outputs:
    dev: &base
      type: redshift
      host: "{{ env_var('RS_HOST') }}"
      user: analyst
      password: "{{ env_var('RS_PASSWORD') }}"
      port: "{{ env_var('RS_PORT', '5440') | as_number }}"
      dbname: dev
      schema: dbt
      threads: 4
      sslmode: verify-full
      db_groups: [analysts]
    prod:
      <<: *base
      dbname: prod
      password: literal-secret
    iam:
      <<: *base
      dbname: iam
      method: iam
      cluster_id: c1
      region: eu-west-1
    local:
      type: duckdb
      path: x.db
    unset:
      type: postgres
      host: "{{ env_var('NOT_SET') }}"
      user: u
      dbname: d
)";

}  // namespace

TEST_CASE("dbt: targets, env_var, anchors and merge keys, IAM") {
  const auto script = Script(kProfiles, {{"RS_HOST", "h"}, {"RS_PASSWORD", "from-environment"}});
  CHECK(Has(script,
            "CREATE REDSHIFT CONNECTION shop_dev\n    CONNECTION_STRING = "
            "'jdbc:redshift://h:5440/dev?sslmode=verify-full'\n    "
            "USER_NAME = 'analyst'\n    PASSWORD = ENV 'RS_PASSWORD'"));
  CHECK(Has(script,
            "CREATE REDSHIFT CONNECTION shop_prod\n    CONNECTION_STRING = "
            "'jdbc:redshift://h:5440/prod?sslmode=verify-full'\n    "
            "USER_NAME = 'analyst'\n    PASSWORD = ENV 'BERTH_PASSWORD_SHOP_PROD'"));
  CHECK(Has(script,
            "get-cluster-credentials --cluster-identifier c1 --db-user analyst --db-name iam --region eu-west-1"));
  CHECK(Has(script, "target local of profile shop: its type is duckdb"));
  CHECK(Has(script, "target unset of profile shop: host needs the variable NOT_SET, which is not set"));
  CHECK(Has(script, "target dev of profile shop: db_groups has no counterpart"));
  CHECK_FALSE(Has(script, "literal-secret"));
  CHECK_FALSE(Has(script, "from-environment"));
}

TEST_CASE("dbt: what is no profile, and what would be too much, is refused") {
  CHECK(FromDbtProfiles("a: 1\n", {}).error().code == berth::ErrorCode::kSyntax);
  CHECK(FromDbtProfiles("a: [1\n", {}).error().code == berth::ErrorCode::kSyntax);
  std::string bomb = "x0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 9; ++i) {
    const auto below = "*x" + std::to_string(i - 1);
    bomb += "x" + std::to_string(i) + ": &x" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j == 0 ? "" : ", ") + below;
    bomb += "]\n";
  }
  CHECK(FromDbtProfiles(bomb, {}).error().code == berth::ErrorCode::kLimitExceeded);
}

TEST_CASE("dbt: models, seeds, snapshots and exposures of a manifest are jobs that live elsewhere") {
  const auto import = FromDbtManifest(R"({"metadata": {}, "nodes": {
      "model.shop.orders": {"resource_type": "model", "config": {"materialized": "table"}},
      "model.shop.inline": {"resource_type": "model", "config": {"materialized": "ephemeral"}},
      "test.shop.unique": {"resource_type": "test"},
      "seed.shop.countries": {"resource_type": "seed"}},
    "exposures": {"exposure.shop.dashboard": {"depends_on": {"nodes": ["model.shop.orders"]}}}})");
  REQUIRE(import.ok());
  CHECK(ScriptOf(StatementsFor(import.value(), "warehouse"), {}) ==
        "ATTACH JOB \"dbt:exposure.shop.dashboard\" USING CONNECTION warehouse;\n\n"
        "ATTACH JOB \"dbt:model.shop.orders\" USING CONNECTION warehouse;\n\n"
        "ATTACH JOB \"dbt:seed.shop.countries\" USING CONNECTION warehouse;\n\n");
  CHECK(FromDbtManifest("{}").error().code == berth::ErrorCode::kSyntax);
}
