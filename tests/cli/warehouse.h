#pragma once

#include <string>

#include "child.h"
#include "support/temp_postgres.h"

namespace berth::test {

inline std::string CreateConnection(const std::string& name, const std::string& password) {
  auto& server = TempPostgres::Shared();
  return "CREATE REDSHIFT CONNECTION " + name + " CONNECTION_STRING = '" + server.JdbcUrl() + "' USER_NAME = '" +
         server.user() + "' PASSWORD = '" + password + "';\n";
}

// A home whose catalog has the connection `etl` to the server of this test program.
struct HomeWithConnection : Home {
  HomeWithConnection();
};

// How many sessions run a statement that holds `text`.
int Active(const std::string& text);

}  // namespace berth::test
