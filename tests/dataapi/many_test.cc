// 2,000 statements at once on a cap of 8, and a second user beside them. A long run: both cores are taken for its time.
#include <doctest/doctest.h>

#include "cli/child.h"
#include "run_client.h"
#include "support/places.h"
#include "support/temp_postgres.h"

namespace berth::test {

TEST_CASE("2,000 statements at once on a cap of 8: all end, the cap holds, and a second user is not held up") {
  const Home home;
  const auto& server = TempPostgres::Shared();
  server.Psql("CREATE ROLE awsuser SUPERUSER LOGIN PASSWORD 'awsuser-secret'");
  const auto catalog = "sqlite:" + (home / "catalog.db");
  const auto made = Run(home, {"--catalog", catalog, "-f", "-"},
                        "CREATE REDSHIFT CONNECTION \"redshift-cluster-1\" CONNECTION_STRING = '" + server.JdbcUrl() +
                            "' USER_NAME = 'awsuser' PASSWORD = 'awsuser-secret' MAX_CONCURRENT_CONNECTIONS = 8");
  REQUIRE_MESSAGE(made.status == 0, made.error);
  std::vector<std::string> words{"/usr/bin/python3", (SourceDir() / "tests/dataapi/many.py").string(),
                                 Program().string(), catalog};
  for (const std::string user : {"first", "second"}) {
    const auto key = Run(
        home, {"--catalog", catalog, "-o", "plain", "-c",
               "CREATE SERVICE USER " + user + "; GRANT USAGE ON CONNECTION \"redshift-cluster-1\" TO SERVICE USER " +
                   user + "; CREATE ACCESS KEY FOR " + user});
    REQUIRE_MESSAGE(key.status == 0, key.error);
    words.push_back(ReadAccessKey(key.output).id);
    words.push_back(ReadAccessKey(key.output).secret);
  }
  words.push_back("host=127.0.0.1 port=" + std::to_string(server.server_port()) + " dbname=dev user=" + server.user() +
                  " password=" + server.password());
  const auto run = RunClient(words, ClientEnvironment("", home.path().string()));
  CHECK_MESSAGE(run.status == 0, run.output);
  MESSAGE(run.output);
}

}  // namespace berth::test
