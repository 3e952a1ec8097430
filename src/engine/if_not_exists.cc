#include "engine/if_not_exists.h"

#include <fmt/core.h>

#include <utility>

#include "engine/memory_rows.h"

namespace berth::engine {

Result<Outcome> LeaveAsItIs(const std::string& named, const std::string& differing, const char* tag, parser::Span span,
                            const CatalogScope& scope) {
  if (differing.empty()) {
    TellNoChange(scope.notices, named + " exists and is defined so.");
    return Command(tag);
  }
  auto message = fmt::format("{} exists and differs in {}", named, differing);
  if (scope.settings.strict_if_not_exists) {
    return Error{.code = ErrorCode::kAlreadyExists,
                 .message = std::move(message),
                 .hint = "CREATE OR REPLACE changes it; SET berth.strict_if_not_exists = off makes this a warning.",
                 .span = span};
  }
  Tell(scope.notices, "WARNING", std::string(kNoChange), message + ".",
       "It was left as it is. CREATE OR REPLACE or ALTER changes it.");
  return Command(tag);
}

}  // namespace berth::engine
