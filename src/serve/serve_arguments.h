#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "berth/error.h"

namespace berth::serve {

struct ServeArguments {
  bool help = false;
  std::string listen = "127.0.0.1:8439";
  std::string metrics;  // address of /livez, /readyz and /metrics; empty: none
  bool signed_requests = true;
  std::string dev;  // postgresql:// URL; empty: not --dev
  std::string catalog;
  std::string folder;  // of statements and results; empty: beside the catalog
  bool durable = false;
  std::string tls_certificate, tls_key;
  bool insecure_http = false;
  std::optional<std::string> audit_log;  // "none": none; nullopt: in `folder`
  bool audit_sql = false;
  std::string event_url;
  std::chrono::milliseconds hold_describe{0};
  std::chrono::milliseconds drain{30'000};
  std::chrono::seconds retention{24 * 3600};
  std::int64_t result_bytes_max = 500'000'000;
  std::int64_t results_bytes_max = 20LL << 30;
  std::int64_t row_bytes_max = 0;
  std::size_t active_max = 500;
  std::size_t active_per_user_max = 100;
  std::size_t workers = 64;
  std::size_t job_runs = 4;  // of the catalog's jobs, at a time; 0: jobs are not run here
};

// berth serve ..; argv[1] is "serve". Errors: kInvalidArgument.
Result<ServeArguments> ParseServeArguments(int argc, const char* const* argv);

const char* ServeHelpText();

}  // namespace berth::serve
