#include "imports/airflow.h"

#include <string>

#include <doctest/doctest.h>

#include "imports/merge.h"
#include "imports/statements.h"

using berth::imports::FromAirflow;
using berth::imports::Import;
using berth::imports::Merge;
using berth::imports::Passwords;
using berth::imports::ScriptOf;
using berth::imports::StatementsFor;

namespace {

std::string Script(const std::string& text) {
  auto import = FromAirflow(text);
  REQUIRE_MESSAGE(import.ok(), (import.ok() ? "" : import.error().message));
  Merge(import.value());
  return ScriptOf(StatementsFor(import.value(), Passwords::kReferences), import.value().lost);
}

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// One connection with everything; how it is written is what differs.
constexpr const char* kWanted =
    "CREATE REDSHIFT CONNECTION rs\n"
    "    CONNECTION_STRING = 'jdbc:redshift://h.example.com:5440/dev?sslmode=require'\n"
    "    USER_NAME = 'etl'\n"
    "    PASSWORD = ENV 'BERTH_PASSWORD_RS'";

}  // namespace

TEST_CASE("airflow: JSON, the extra as a text or an object, YAML, env with URI and JSON: all the same") {
  const char* const forms[] = {
      R"({"rs": {"conn_type": "redshift", "description": "", "login": "etl", "password": "p@ss",
          "host": "h.example.com", "port": 5440, "schema": "dev", "extra": "{\"sslmode\": \"require\"}"}})",
      R"({"rs": {"conn_type": "redshift", "login": "etl", "password": "p@ss", "host": "h.example.com",
          "port": "5440", "schema": "dev", "extra": {"sslmode": "require"}}})",
      R"({"rs": "redshift://etl:p%40ss@h.example.com:5440/dev?sslmode=require"})",
      "rs:\n  conn_type: redshift\n  login: etl\n  password: p@ss\n  host: h.example.com\n  port: 5440\n"
      "  schema: dev\n  extra:\n    sslmode: require\n",
      "rs:\n  conn_type: redshift\n  login: etl\n  password: p@ss\n  host: h.example.com\n  port: 5440\n"
      "  schema: dev\n  extra: '{\"sslmode\": \"require\"}'\n",
      "rs=redshift://etl:p%40ss@h.example.com:5440/dev?sslmode=require\n",
      "# exported\nexport AIRFLOW_CONN_RS='redshift://etl:p%40ss@h.example.com:5440/dev?__extra__=%7B%22sslmode%22%3A+"
      "%22require%22%7D'\n",
      "AIRFLOW_CONN_RS={\"conn_type\": \"redshift\", \"login\": \"etl\", \"password\": \"p@ss\", \"host\": "
      "\"h.example.com\", \"port\": 5440, \"schema\": \"dev\", \"extra\": {\"sslmode\": \"require\"}}\n"};
  for (const auto* const form : forms) {
    CAPTURE(form);
    const auto script = Script(form);
    CHECK(Has(script, kWanted));
    CHECK_FALSE(Has(script, "Not carried"));
    CHECK_FALSE(Has(script, "ss@"));  // no password, in whatever form
  }
}

TEST_CASE("airflow: IAM becomes a password command") {
  const auto cluster = Script(
      R"({"rs": {"conn_type": "redshift", "login": "etl", "host": "c1.abc.eu-west-1.redshift.amazonaws.com",
          "schema": "dev", "extra": {"iam": true, "profile": "p 1"}}})");
  CHECK(
      Has(cluster,
          "COMMAND '/usr/bin/aws redshift get-cluster-credentials --cluster-identifier c1 --db-user etl --db-name dev "
          "--region eu-west-1 --profile \"p 1\" --output json'"));
  CHECK(Has(cluster, "CLUSTER_IDENTIFIER = 'c1'"));
  const auto serverless = Script(
      R"({"rs": {"conn_type": "redshift", "login": "etl", "host": "h", "schema": "dev", "extra": {"iam": true,
          "is_serverless": true, "serverless_work_group": "wg", "region": "us-west-2"}}})");
  CHECK(Has(serverless, "redshift-serverless get-credentials --workgroup-name wg --db-name dev --region us-west-2"));
  CHECK(Has(serverless, "WORKGROUP = 'wg'"));
}

TEST_CASE("airflow: what cannot be carried is listed, duplicates are merged") {
  const auto script = Script(
      R"({"s3": {"conn_type": "aws", "login": "k", "password": "hidden"},
          "half": {"conn_type": "postgres", "login": "u", "schema": "d"},
          "a": {"conn_type": "postgres", "host": "H", "login": "u", "schema": "d", "extra": {"cursor": "dictcursor"}},
          "b": {"conn_type": "postgres", "host": "h", "login": "u", "schema": "d", "password": "hidden"},
          "A": {"conn_type": "postgres", "host": "h2", "login": "u", "schema": "d"},
          "odd": "no uri"})");
  CHECK(Has(script, "--   Airflow connection s3: its type is aws, neither redshift nor postgres\n"));
  CHECK(Has(script, "--   Airflow connection half: it has no host\n"));
  CHECK(Has(script, "--   Airflow connection a: the extra cursor has no counterpart\n"));
  CHECK(Has(script,
            "--   Airflow connection b: the same host, database and user as Airflow connection a: merged into it\n"));
  CHECK(Has(script, "--   Airflow connection odd: neither a URI nor JSON\n"));
  CHECK(Has(script, "CREATE REDSHIFT CONNECTION \"A_2\""));  // a name that differs in case alone
  CHECK_FALSE(Has(script, "hidden"));
}

TEST_CASE("airflow: what is no export says so") {
  CHECK(FromAirflow("[1, 2]").error().code == berth::ErrorCode::kSyntax);
  CHECK(FromAirflow("{\"a\": ").error().code == berth::ErrorCode::kSyntax);
  CHECK(FromAirflow("a=postgres://h\nnonsense\n").error().message == "line 2 is not NAME=URI");
}
