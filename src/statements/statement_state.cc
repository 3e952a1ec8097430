#include "statements/statement_state.h"

#include <array>

namespace berth::statements {
namespace {

constexpr std::array<std::string_view, 6> kNames{"SUBMITTED", "PICKED", "STARTED", "FINISHED", "ABORTED", "FAILED"};

}  // namespace

std::string_view StateName(StatementState state) {
  return kNames[static_cast<std::size_t>(state)];
}

std::optional<StatementState> StateOfName(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<StatementState>(i);
  }
  return std::nullopt;
}

}  // namespace berth::statements
