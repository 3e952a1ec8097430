#include "engine/program_environment.h"

#include <algorithm>

#include <doctest/doctest.h>

namespace berth::engine {
namespace {

using Variables = std::vector<std::string>;

session::ConnectParams Params() {
  session::ConnectParams params;
  params.host = "cluster.example.com";
  params.database = "dev";
  params.user = "etl";
  params.password = Secret("p@s s/w:rd%\xC3\xBC");
  return params;
}

bool Holds(const Variables& all, const std::string& variable) {
  return std::find(all.begin(), all.end(), variable) != all.end();
}

TEST_CASE("A program's environment: libpq's variables and Airflow's URI") {
  const auto all = ProgramEnvironment({"A=1", "PGUSER=other", "PGUSERS=2"}, "my_conn", Params());
  CHECK(all == Variables{"A=1", "PGUSERS=2", "PGHOST=cluster.example.com", "PGPORT=5439", "PGDATABASE=dev",
                         "PGUSER=etl", "PGPASSWORD=p@s s/w:rd%\xC3\xBC", "PGSSLMODE=verify-full",
                         "PGSSLROOTCERT=/etc/ssl/certs/ca-certificates.crt",
                         "AIRFLOW_CONN_MY_CONN=redshift://etl:p%40s%20s%2Fw%3Ard%25%C3%BC@cluster.example.com:5439/dev"
                         "?sslmode=verify-full"});
}

TEST_CASE("A program's environment: what would lead elsewhere is left out") {
  auto params = Params();
  params.sslmode = "disable";
  params.host = "::1";
  const auto all = ProgramEnvironment(
      {"PGSERVICE=x", "PGSERVICEFILE=x", "PGHOSTADDR=x", "PGREQUIRESSL=1", "PGSSLROOTCERT=x", "PGSSLCERT=kept"}, "c",
      params);
  CHECK(std::none_of(all.begin(), all.end(), [](const auto& variable) {
    return variable.ends_with("=x") || variable.starts_with("PGREQUIRESSL");
  }));
  CHECK(Holds(all, "PGSSLCERT=kept"));
  CHECK(Holds(all, "AIRFLOW_CONN_C=redshift://etl:p%40s%20s%2Fw%3Ard%25%C3%BC@%3A%3A1:5439/dev?sslmode=disable"));
  params.sslcert = "/etc/me.crt";
  params.sslkey = "/etc/me.key";
  const auto certified = ProgramEnvironment({"PGSSLCERT=x"}, "a=b", params);
  CHECK(Holds(certified, "PGSSLCERT=/etc/me.crt"));
  CHECK(Holds(certified, "PGSSLKEY=/etc/me.key"));
  CHECK(std::none_of(certified.begin(), certified.end(),
                     [](const auto& variable) { return variable.starts_with("AIRFLOW"); }));
}

}  // namespace
}  // namespace berth::engine
