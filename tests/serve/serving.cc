#include "serving.h"

#include <poll.h>

#include <utility>

#include <doctest/doctest.h>

namespace berth::test {

Serving::Serving(std::vector<std::string> options) : options_(std::move(options)) {
  const auto& server = TempPostgres::Shared();
  const auto made = Run(home_, {"--catalog", catalog(), "-f", "-"},
                        "CREATE REDSHIFT CONNECTION wh CONNECTION_STRING = '" + server.JdbcUrl() + "' USER_NAME = '" +
                            server.user() + "' PASSWORD = '" + server.password() + "' MAX_CONCURRENT_CONNECTIONS = 6");
  REQUIRE_MESSAGE(made.status == 0, made.error);
  Start();
}

void Serving::Start() {
  child_.reset();
  std::vector<std::string> arguments{
      "serve", "--catalog", catalog(), "--auth", "none", "--listen", "127.0.0.1:" + std::to_string(port_)};
  arguments.insert(arguments.end(), options_.begin(), options_.end());
  child_ = std::make_unique<Child>(home_, Child::Options{.arguments = std::move(arguments), .more_environment = {}});
  child_->AwaitError("berth serves the Redshift Data API on ");
  child_->AwaitError("\n");
  const auto& said = child_->error();
  port_ = static_cast<std::uint16_t>(std::stoi(said.substr(said.find("127.0.0.1:") + 10)));
}

std::string Execute(const std::string& sql, const std::string& more) {
  return R"({"ClusterIdentifier":"wh","Database":"dev","Sql":")" + sql + "\"" + more + "}";
}

void Pass(int milliseconds) {
  ::poll(nullptr, 0, milliseconds);
}

}  // namespace berth::test
