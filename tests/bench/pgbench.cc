#include "bench/pgbench.h"

#include <fstream>
#include <stdexcept>
#include <string_view>

#include "bench/program.h"
#include "support/temp_dir.h"

namespace berth::bench {

double PgBench(const test::TempPostgres& server, const PgBenchLoad& load) {
  const test::TempDir folder;
  const std::string script = folder / "select.sql";
  std::ofstream(script) << "\\set one 1\nSELECT :one::int4;\n";
  const std::string output =
      OutputOf({"/usr/lib/postgresql/15/bin/pgbench", "-n", "-M", load.mode, "-f", script, "-c",
                std::to_string(load.clients), "-j", std::to_string(load.threads), "-T", "1", "-h", server.host(), "-p",
                std::to_string(load.port), "-U", server.user(), server.database()},
               {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"});
  constexpr std::string_view kTps = "tps = ";
  const auto at = output.find(kTps);
  if (at == std::string::npos) throw std::runtime_error("pgbench failed: " + output);
  return 1e6 / std::stod(output.substr(at + kTps.size()));
}

}  // namespace berth::bench
