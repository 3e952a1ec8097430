#pragma once

#include <string>

#include "support/temp_postgres.h"

namespace berth::bench {

// SELECT 1, the number a parameter, by pgbench for a second; microseconds per statement over all clients. `mode`:
// prepared, simple. `port`: the server's, or that of what stands before it.
double PgBench(const test::TempPostgres& server, const std::string& mode, int clients, int port);

}  // namespace berth::bench
