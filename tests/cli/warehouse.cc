#include "warehouse.h"

#include <doctest/doctest.h>

namespace berth::test {

HomeWithConnection::HomeWithConnection() {
  const auto ran = Run(*this, {"-f", "-"}, CreateConnection("etl", TempPostgres::Shared().password()));
  REQUIRE_MESSAGE(ran.status == 0, ran.error);
}

int Active(const std::string& text) {
  return std::stoi(
      TempPostgres::Shared().Psql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%" +
                                  text + "%' AND pid <> pg_backend_pid()"));
}

}  // namespace berth::test
