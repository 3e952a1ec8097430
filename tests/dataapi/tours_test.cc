// The published tour of the Data API, walked by the clients that people have, against `berth serve --dev` on a real
// server; with BERTH_TEST_MANNERS=redshift against one with Redshift's manners.
#include <signal.h>

#include <doctest/doctest.h>

#include "cli/child.h"
#include "run_client.h"
#include "support/temp_postgres.h"

namespace berth::test {
namespace {

constexpr const char* kFolder = BERTH_SOURCE_DIR "/tests/dataapi/";

struct DevService {
  Home home;
  std::string endpoint;
  std::unique_ptr<Child> child;

  DevService() {
    const auto& server = TempPostgres::Shared();
    const auto url = "postgresql://" + server.user() + ":" + server.password() + "@" + server.host() + ":" +
                     std::to_string(server.port()) + "/" + server.database();
    child =
        std::make_unique<Child>(home, Child::Options{.arguments = {"serve", "--dev", url, "--listen", "127.0.0.1:0"}});
    child->AwaitError("berth serves the Redshift Data API on ");
    child->AwaitError("\n");
    const auto& said = child->error();
    const auto begin = said.find("http://");
    endpoint = said.substr(begin, said.find('\n', begin) - begin);
  }
  void Walk(std::vector<std::string> words) const {
    const auto run = RunClient(words, ClientEnvironment(endpoint, home.path().string()));
    CHECK_MESSAGE(run.status == 0, run.output);
    CHECK(run.output.ends_with("the tour is done\n"));
  }
};

}  // namespace

TEST_CASE("boto3, and the published Python as it is") {
  DevService().Walk({"/usr/bin/python3", std::string(kFolder) + "tour.py"});
}

TEST_CASE("The AWS CLI") {
  DevService().Walk({"/bin/bash", std::string(kFolder) + "tour.sh"});
}

TEST_CASE("The SDK for JavaScript") {
  DevService().Walk({BERTH_NODE, BERTH_NODE_TOUR});
}

TEST_CASE("The SDK for Go") {
  DevService().Walk({BERTH_GO_TOUR});
}

TEST_CASE("What a --dev service prints can be taken over as it is, and it ends by SIGTERM without leaving anything") {
  DevService service;
  CHECK(service.child->output().find("AWS_ENDPOINT_URL_REDSHIFT_DATA=" + service.endpoint) != std::string::npos);
  CHECK(service.child->output().find("endpoint_url=\"" + service.endpoint + "\"") != std::string::npos);
  service.child->Signal(SIGTERM);
  CHECK(service.child->Wait() == 0);
}

}  // namespace berth::test
