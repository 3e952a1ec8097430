#pragma once

#include <memory>
#include <string>
#include <vector>

#include "berth/engine.h"
#include "support/temp_dir.h"
#include "support/temp_postgres.h"

namespace berth::bench {

// A private server with the rows to read, and a catalog of ten connections of which `bench` leads to it. Logins on the
// loopback need no password: its hash would hide what a start costs.
class World {
 public:
  World();

  const test::TempPostgres& server() const { return server_; }
  std::string LibpqUrl() const;
  std::string PgJdbcUrl() const;
  std::unique_ptr<Engine> OpenEngine() const;
  std::string CatalogUri() const { return "sqlite:" + (home_ / "catalog.db"); }
  std::string KeyFile() const { return home_ / "key"; }

  // The programs' command lines and environment: `sql` on the server.
  std::vector<std::string> Berth(const std::string& format, const std::string& sql) const;
  std::vector<std::string> BerthOnCatalog(const std::string& sql) const;
  std::vector<std::string> Psql(const std::vector<std::string>& options, const std::string& sql) const;
  std::vector<std::string> Environment() const;

 private:
  test::TempPostgres server_;
  test::TempDir home_;
};

inline constexpr int kRows = 1'000'000;
// 1 million rows of int, bigint, smallint, float8, numeric, varchar, text, date, timestamp, bool.
inline constexpr const char* kSelect = "select * from t1m";
inline constexpr const char* kSelectFive = "select t.* from t1m t, generate_series(1, 5)";

}  // namespace berth::bench
