#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "statements/statement_facts.h"
#include "statements/submit_request.h"

namespace berth::statements {

// A statement as the store has it: what its caller may see, and what is nobody's business but the service's.
struct Record {
  StatementFacts facts;
  std::int64_t number = 0;  // in the order of acceptance
  std::string owner;        // the process that runs it
  std::string client_token;
  CallerLimits limits;
  std::int64_t stored_bytes = 0;
};

std::int64_t ToMillis(Clock::Wall time);
Clock::Wall FromMillis(std::int64_t millis);

// Texts and parameters as one string of bytes, and back; false: it is none.
std::string PackTexts(const StatementFacts& facts);
bool UnpackTexts(std::string_view bytes, StatementFacts& facts);

}  // namespace berth::statements
