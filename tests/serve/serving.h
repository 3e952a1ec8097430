#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/child.h"
#include "support/data_client.h"
#include "support/temp_postgres.h"

namespace berth::test {

// `berth serve` on a catalog with the connection `wh` (6 sessions) to the shared server; one process after another on
// the same port, catalog and data. Requests are not signed.
class Serving {
 public:
  explicit Serving(std::vector<std::string> options = {});
  void Start();  // and waits until it serves
  Child& child() { return *child_; }
  std::uint16_t port() const { return port_; }
  DataClient Client() const { return DataClient(port_); }
  const Home& home() const { return home_; }
  std::string catalog() const { return "sqlite:" + (home_ / "catalog.db"); }

 private:
  const Home home_;
  const std::vector<std::string> options_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Child> child_;
};

// The body of an ExecuteStatement on `wh`; `more`: further members, each with a comma before it.
std::string Execute(const std::string& sql, const std::string& more = "");
// Lets some time pass that nothing can be waited for in.
void Pass(int milliseconds);

}  // namespace berth::test
