#pragma once

#include <cstdint>
#include <string>

#include "berth/deadline.h"
#include "statements/statement_facts.h"

namespace berth::statements {

// The end of a statement that was submitted WithEvent, kept until somebody has been told.
struct StatementEvent {
  std::int64_t number = 0;  // grows; never used again
  std::string statement_id, statement_name;
  std::string caller, connection;
  Target target;
  StatementState state = StatementState::kFinished;
  std::int64_t rows = -1;
  std::int64_t redshift_query_id = -1;
  Clock::Wall at{}, expires_at{};  // its end; when its result is removed
  std::int64_t attempts = 0;       // failed ones so far
};

}  // namespace berth::statements
