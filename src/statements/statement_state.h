#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace berth::statements {

// The life of a statement, as the Data API tells it.
enum class StatementState : std::uint8_t {
  kSubmitted,  // accepted: written down, waits for its turn
  kPicked,     // its turn has come; it waits for a session
  kStarted,    // it has a session and was sent, or is about to be
  kFinished,
  kAborted,  // cancelled
  kFailed,
};

std::string_view StateName(StatementState state);  // "SUBMITTED"
// nullopt: no such state (ALL is a filter, not a state).
std::optional<StatementState> StateOfName(std::string_view name);

constexpr bool IsFinal(StatementState state) {
  return state >= StatementState::kFinished;
}

}  // namespace berth::statements
