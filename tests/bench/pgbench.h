#pragma once

#include <string>

#include "support/temp_postgres.h"

namespace berth::bench {

struct PgBenchLoad {
  std::string mode;  // prepared, simple
  int clients = 1;
  int threads = 1;
  int port = 0;  // the server's, or that of what stands before it
};

// SELECT 1, the number a parameter, by pgbench for a second; microseconds per statement over all clients.
double PgBench(const test::TempPostgres& server, const PgBenchLoad& load);

}  // namespace berth::bench
