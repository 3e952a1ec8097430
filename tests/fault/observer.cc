#include "observer.h"

#include <fmt/core.h>

#include <utility>

#include <doctest/doctest.h>

namespace berth::test {
namespace {

Result<int> First(session::Session& session, const std::string& sql) {
  auto outcome = session.Execute(sql, {}, Deadline::After(Clock::System(), std::chrono::seconds(10)));
  if (!outcome.ok()) return std::move(outcome).TakeError();
  auto row = outcome.value()->Next();
  if (!row.ok()) return std::move(row).TakeError();
  return std::stoi(std::string(row.value()->front().value()));
}

}  // namespace

Observer::Observer(const TempPostgres& postgres, std::string role)
    : sql_(fmt::format("SELECT count(*) FROM pg_stat_activity WHERE usename = '{}'", role)) {
  params_.host = postgres.host();
  params_.port = postgres.server_port();
  params_.database = postgres.database();
  params_.user = postgres.user();
  params_.password = Secret(postgres.password());
  params_.sslmode = "disable";
}

int Observer::Count() {
  const Deadline patience = Deadline::After(Clock::System(), std::chrono::seconds(20));
  while (!patience.Passed(Clock::System())) {
    if (session_ == nullptr) {
      auto opened = factory_->Open(params_, patience, nullptr);
      if (!opened.ok()) continue;
      session_ = std::move(opened).value();
    }
    if (const auto count = First(*session_, sql_); count.ok()) return count.value();
    session_.reset();
  }
  FAIL("the server cannot be asked how many sessions there are");
  return -1;
}

}  // namespace berth::test
