#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "berth/deadline.h"

namespace berth::statements {

// Of a statement, or of one of a batch's.
struct StatementId {
  std::string base;               // the UUID
  std::optional<std::size_t> of;  // "<uuid>:2": 2
};

// A UUID in lower case that is ordered by time (version 7), so that ids of one hour lie beside one another in an index:
// the time in milliseconds, then 74 random bits.
std::string NewUuid(Clock::Wall now);
// As the service's own pattern has it (letters a to z, two digits after the colon); nullopt: it is none.
std::optional<StatementId> ReadStatementId(std::string_view text);
std::string SubStatementId(std::string_view base, std::size_t position);  // from 1

}  // namespace berth::statements
