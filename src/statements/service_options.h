#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "berth/deadline.h"
#include "berth/engine.h"

namespace berth::statements {

// Each refusal names the limit that refused.
struct ServiceLimits {
  std::size_t active_max = 500;  // statements that are not final, of all callers
  std::size_t active_per_caller_max = 100;
  std::size_t workers_max = 64;                 // statements that run at once, over all connections: threads
  std::size_t sessions_max = 500;               // that are kept
  std::size_t waiters_max = 100;                // that wait for one statement
  std::int64_t result_bytes_max = 500'000'000;  // of one statement, as encoded (--result-max-bytes)
  std::int64_t results_bytes_max = 20LL << 30;  // of all that are kept (--results-max-bytes)
  std::int64_t row_bytes_max = 0;               // of one row, as encoded; 0: any (--max-row-bytes)
  std::chrono::seconds retention{24 * 3600};    // of ended statements and their results (--retention)
  std::chrono::seconds client_token_retention{8 * 3600};
  std::chrono::seconds statement_max{24 * 3600};  // from its submission to its end
  std::chrono::seconds session_max{24 * 3600};    // from a kept session's first statement
};

struct ServiceOptions {
  Engine* engine = nullptr;    // must outlive the service
  std::string folder;          // of statements.db, results and owners; made if it is not there
  bool callers_known = false;  // they are service users of the catalog; false: nobody has to say who he is
  bool durable = false;        // accepted statements survive a power cut, not only a crash
  ServiceLimits limits;
  const Clock* clock = nullptr;  // null: the system's
};

}  // namespace berth::statements
