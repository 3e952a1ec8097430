#include "statements/connection_choice.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace berth::statements {
namespace {

constexpr const char* kArn = "arn:aws:secretsmanager:us-west-2:123456789012:secret:prod/etl-a1B2c3";

// Three applications on one cluster, and a warehouse that is only known by its own name.
std::vector<ConnectionFacts> Catalog() {
  const auto on_cluster = [](std::string name, std::string database, std::string user, std::string secret) {
    return ConnectionFacts{.name = std::move(name),
                           .database = std::move(database),
                           .user = std::move(user),
                           .cluster_identifier = "redshift-cluster-1",
                           .workgroup = {},
                           .secret_arn = std::move(secret)};
  };
  return {on_cluster("etl", "dev", "loader", kArn), on_cluster("bi", "dev", "reader", "prod/bi"),
          on_cluster("ops", "admin", "root", ""),
          ConnectionFacts{.name = "my_wh", .database = "dev", .user = "u", .workgroup = "serverless-1"}};
}

// The connection's name, or the error's message.
std::string Choose(const Target& target, const std::string& hidden = "") {
  const auto catalog = Catalog();
  const auto chosen = ChooseConnection(catalog, target, [&](std::string_view name) { return name != hidden; });
  if (chosen.ok()) return chosen.value().name;
  CHECK(chosen.error().code == ErrorCode::kInvalidArgument);
  return chosen.error().message;
}

bool Says(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

TEST_CASE("a connection is chosen by option or name, then by database and user") {
  CHECK(Choose({.cluster_identifier = "redshift-cluster-1", .database = "admin"}) == "ops");
  CHECK(Choose({.cluster_identifier = "redshift-cluster-1", .db_user = "reader", .database = "dev"}) == "bi");
  CHECK(Choose({.cluster_identifier = "etl"}) == "etl");
  CHECK(Choose({.workgroup = "serverless-1"}) == "my_wh");
  CHECK(Choose({.workgroup = "my_wh", .database = "dev"}) == "my_wh");
  CHECK(Choose({.workgroup = "arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/serverless-1"}) == "my_wh");
  CHECK(Choose({.cluster_identifier = "my_wh"}) == "my_wh");
}

TEST_CASE("a secret counts with and without the parts of its ARN and its suffix") {
  for (const auto& secret :
       {std::string(kArn), std::string("arn:aws:secretsmanager:us-west-2:123456789012:secret:prod/etl"),
        std::string("prod/etl"), std::string("prod/etl-a1B2c3"), std::string("etl"),
        std::string("arn:aws:secretsmanager:eu-central-1:1:secret:etl-Zz9Yy8")}) {
    CAPTURE(secret);
    CHECK(Choose({.secret_arn = secret}) == "etl");
    CHECK(Choose({.cluster_identifier = "redshift-cluster-1", .secret_arn = secret}) == "etl");
  }
  CHECK(Choose({.secret_arn = "arn:aws:secretsmanager:us-west-2:1:secret:prod/bi-Q1w2E3"}) == "bi");
  CHECK(Says(Choose({.secret_arn = "arn:aws:secretsmanager:us-west-2:1:secret:prod/etl-ffffff"}), "No connection"));
  CHECK(SecretName(kArn) == "prod/etl");
  CHECK(SecretName("wh-backup") == "wh-backup");
}

TEST_CASE("a secret or a user that means another connection is refused, never ignored") {
  CHECK(Says(Choose({.cluster_identifier = "bi", .secret_arn = kArn}), "does not belong to ClusterIdentifier \"bi\""));
  CHECK(Says(Choose({.cluster_identifier = "ops", .secret_arn = "prod/unknown"}), "does not belong"));
  CHECK(Says(Choose({.cluster_identifier = "etl", .db_user = "reader"}), "DbUser \"reader\" is not the USER_NAME"));
  CHECK(Says(Choose({.cluster_identifier = "etl", .database = "prod"}), "has no Database \"prod\""));
}

TEST_CASE("what is not exactly one connection is refused and says why") {
  const auto several = Choose({.cluster_identifier = "redshift-cluster-1", .database = "dev"});
  CHECK(Says(several, "2 connections: \"etl\", \"bi\""));
  CHECK(Says(Choose({}), "is required"));
  CHECK(Says(Choose({.cluster_identifier = "etl", .workgroup = "my_wh"}), "exclude each other"));
  CHECK(Choose({.cluster_identifier = "nowhere"}).starts_with("Redshift endpoint doesn't exist in this region."));
  // An empty name is none: it does not mean the connections whose options are not set.
  for (const Target& empty : {Target{.cluster_identifier = ""}, Target{.workgroup = ""}, Target{.secret_arn = ""},
                              Target{.cluster_identifier = "", .db_user = "reader", .database = "dev"},
                              Target{.workgroup = "arn:aws:redshift-serverless:us-west-2:1:workgroup/"}}) {
    const auto said = Choose(empty);
    CHECK_MESSAGE((Says(said, "doesn't exist") || Says(said, "No connection")), said);
  }
}

TEST_CASE("what the caller may not use is not there, and no error names it") {
  CHECK(Choose({.cluster_identifier = "redshift-cluster-1", .database = "dev"}, "bi") == "etl");
  for (const Target& target : {Target{.secret_arn = "prod/e"}, Target{.cluster_identifier = "redshift-cluster-1"},
                               Target{.cluster_identifier = "redshift-cluster-1", .secret_arn = "prod/e"},
                               Target{.cluster_identifier = "redshift-cluster-1", .db_user = "nobody"},
                               Target{.cluster_identifier = "redshift-cluster-1", .database = "none"}}) {
    const auto message = Choose(target, "etl");
    CAPTURE(message);
    CHECK(!Says(message, "etl"));
    CHECK(!Says(message, "loader"));
  }
  CHECK(Choose({.cluster_identifier = "etl"}, "etl").starts_with("Redshift endpoint doesn't exist in this region."));
}

}  // namespace
}  // namespace berth::statements
