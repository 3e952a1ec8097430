// The published tour of the Data API, walked by the clients that people have, against `berth serve --dev` on a real
// server; with BERTH_TEST_MANNERS=redshift against one with Redshift's manners.
#include <signal.h>

#include <filesystem>

#include <doctest/doctest.h>

#include "cli/child.h"
#include "run_client.h"
#include "support/certificate.h"
#include "support/places.h"
#include "support/temp_postgres.h"

namespace berth::test {
namespace {

const std::string kFolder = SourceDir().string() + "/tests/dataapi/";

std::string EndpointOf(Child& child) {
  child.AwaitError("berth serves the Redshift Data API on ");
  child.AwaitError("\n");
  const auto& said = child.error();
  const auto begin = said.find(" on http") + 4;
  return said.substr(begin, said.find('\n', begin) - begin);
}

struct DevService {
  Home home;
  std::string endpoint;
  std::unique_ptr<Child> child;
  std::string certificate;  // "": without TLS

  explicit DevService(bool tls = false) {
    const auto& server = TempPostgres::Shared();
    const auto url = "postgresql://" + server.user() + ":" + server.password() + "@" + server.host() + ":" +
                     std::to_string(server.port()) + "/" + server.database();
    std::vector<std::string> options{"serve", "--dev", url, "--listen", "127.0.0.1:0"};
    if (tls) {
      certificate = home / "cert.pem";
      MakeCertificate(home.path().string(), "localhost");
      options.insert(options.end(), {"--tls-cert", certificate, "--tls-key", home / "key.pem"});
    }
    child = std::make_unique<Child>(
        home, Child::Options{.arguments = options, .more_environment = {"TMPDIR=" + home.path().string()}});
    endpoint = EndpointOf(*child);
  }
  // Of temporary catalogs.
  int CountFolders() const {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(home.path()))
      count += entry.path().filename().string().starts_with("berth-dev-") ? 1 : 0;
    return count;
  }
  void Walk(std::vector<std::string> words) const {
    auto environment = ClientEnvironment(endpoint, home.path().string());
    // By which botocore, Node and Go are told whom to trust.
    for (const char* name : {"AWS_CA_BUNDLE=", "NODE_EXTRA_CA_CERTS=", "SSL_CERT_FILE="}) {
      if (!certificate.empty()) environment.push_back(name + certificate);
    }
    const auto run = RunClient(words, environment);
    CHECK_MESSAGE(run.status == 0, run.output);
    CHECK(run.output.ends_with("the tour is done\n"));
  }
};

// A catalog whose connection has the name that the tour sends as ClusterIdentifier.
struct CatalogHome {
  Home home;
  std::string catalog = "sqlite:" + (home / "catalog.db");

  CatalogHome() {
    const auto& server = TempPostgres::Shared();
    server.Psql(
        "DO $$ BEGIN CREATE ROLE awsuser SUPERUSER LOGIN PASSWORD 'awsuser-secret'; "
        "EXCEPTION WHEN duplicate_object THEN NULL; END $$");
    const auto made = Run(home, {"--catalog", catalog, "-f", "-"},
                          "CREATE REDSHIFT CONNECTION \"redshift-cluster-1\" CONNECTION_STRING = '" + server.JdbcUrl() +
                              "' USER_NAME = 'awsuser' PASSWORD = 'awsuser-secret'");
    REQUIRE_MESSAGE(made.status == 0, made.error);
  }
};

// With service users, keys and signatures.
struct SignedService : CatalogHome {
  AccessKey key;
  std::string endpoint;
  std::unique_ptr<Child> child;

  SignedService() {
    Say("CREATE SERVICE USER etl; GRANT USAGE ON CONNECTION \"redshift-cluster-1\" TO SERVICE USER etl");
    key = NewKey("etl");
    child = std::make_unique<Child>(
        home, Child::Options{.arguments = {"serve", "--catalog", catalog, "--listen", "127.0.0.1:0"}});
    endpoint = EndpointOf(*child);
  }
  std::string Say(const std::string& sql) const {
    const auto said = Run(home, {"--catalog", catalog, "-o", "plain", "-c", sql});
    REQUIRE_MESSAGE(said.status == 0, said.error);
    return said.output;
  }
  AccessKey NewKey(const std::string& user) const { return ReadAccessKey(Say("CREATE ACCESS KEY FOR " + user)); }
  ClientRun Walk(const std::vector<std::string>& words, const AccessKey& with) const {
    return RunClient(words, SignedEnvironment(endpoint, home.path().string(), with));
  }
};

}  // namespace

TEST_CASE("Signed requests: the right secret walks the tour, a wrong one is told so") {
  const SignedService service;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{BERTH_NODE, BERTH_NODE_TOUR}, {BERTH_GO_TOUR}}) {
    const auto good = service.Walk(words, service.key);
    CHECK_MESSAGE(good.status == 0, good.output);
    CHECK(good.output.ends_with("the tour is done\n"));
    const auto bad = service.Walk(words, {.id = service.key.id, .secret = "another"});
    CHECK(bad.status != 0);
    CHECK(bad.output.find("InvalidSignatureException") != std::string::npos);
  }
  const auto python = service.Walk({"/usr/bin/python3", kFolder + "tour.py"}, service.key);
  CHECK(python.output.find("does not belong to ClusterIdentifier") != std::string::npos);  // the secret it sends
  CHECK(service.Say("SELECT count(*) FROM system.information_schema.access_keys WHERE last_used_at IS NOT NULL") ==
        "1\n");
}

TEST_CASE("Keys and grants made with SQL count at once: disabled, revoked, limited, and what the catalog tells") {
  const SignedService service;
  service.Say("CREATE SERVICE USER boss ADMIN = TRUE; CREATE SERVICE USER poor");
  const auto boss = service.NewKey("boss");
  const auto poor = service.NewKey("poor");
  const auto spare = service.NewKey("etl");
  service.Say("DISABLE ACCESS KEY " + spare.id);
  auto environment = SignedEnvironment(service.endpoint, service.home.path().string(), service.key);
  const std::vector<std::pair<std::string, AccessKey>> keys{{"BOSS", boss}, {"POOR", poor}, {"SPARE", spare}};
  for (const auto& [name, key] : keys) {
    environment.push_back(name + "_ID=" + key.id);
    environment.push_back(name + "_SECRET=" + key.secret);
  }
  const auto run =
      RunClient({"/usr/bin/python3", kFolder + "users.py", Program().string(), service.catalog}, environment);
  CHECK_MESSAGE(run.status == 0, run.output);
  CHECK(run.output.ends_with("the tour is done\n"));
}

TEST_CASE("Hand-over under load: one process follows the other on a socket that never closes, and no request fails") {
  const CatalogHome home;
  const auto run = RunClient({"/usr/bin/python3", kFolder + "hand_over.py", Program().string(), home.catalog},
                             ClientEnvironment("", home.home.path().string()));
  CHECK_MESSAGE(run.status == 0, run.output);
  CHECK(run.output.ends_with("the tour is done\n"));
}

TEST_CASE("boto3, and the published Python as it is") {
  DevService().Walk({"/usr/bin/python3", kFolder + "tour.py"});
}

TEST_CASE("The AWS CLI") {
  DevService().Walk({"/bin/bash", kFolder + "tour.sh"});
}

TEST_CASE("The SDK for JavaScript") {
  DevService().Walk({BERTH_NODE, BERTH_NODE_TOUR});
}

TEST_CASE("The SDK for Go") {
  DevService().Walk({BERTH_GO_TOUR});
}

TEST_CASE("All of them over TLS") {
  const DevService service(true);
  CHECK(service.endpoint.starts_with("https://127.0.0.1:"));
  service.Walk({"/usr/bin/python3", kFolder + "tour.py"});
  service.Walk({"/bin/bash", kFolder + "tour.sh"});
  service.Walk({BERTH_NODE, BERTH_NODE_TOUR});
  service.Walk({BERTH_GO_TOUR});
}

TEST_CASE("What a --dev service prints can be taken over as it is, and it ends by SIGTERM without leaving anything") {
  DevService service;
  CHECK(service.child->output().find("AWS_ENDPOINT_URL_REDSHIFT_DATA=" + service.endpoint) != std::string::npos);
  CHECK(service.child->output().find("endpoint_url=\"" + service.endpoint + "\"") != std::string::npos);
  CHECK(service.CountFolders() == 1);
  service.child->Signal(SIGTERM);
  CHECK(service.child->Wait() == 0);
  CHECK(service.CountFolders() == 0);
}

}  // namespace berth::test
