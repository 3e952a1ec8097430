#include "engine/if_not_exists.h"

#include <fmt/core.h>

#include <utility>

#include "engine/memory_rows.h"

namespace berth::engine {

Result<Outcome> LeaveAsItIs(const Existing& existing, const Settings& settings, const NoticeSink& notices) {
  if (existing.differing.empty()) {
    TellNoChange(notices, existing.named + " exists and is defined so.");
    return Command(existing.tag);
  }
  auto message = fmt::format("{} exists and differs in {}", existing.named, existing.differing);
  if (settings.strict_if_not_exists) {
    return Error{.code = ErrorCode::kAlreadyExists,
                 .message = std::move(message),
                 .hint = fmt::format("{} changes it; SET berth.strict_if_not_exists = off makes this a warning.",
                                     existing.changed_by),
                 .span = existing.span};
  }
  Tell(notices, "WARNING", std::string(kNoChange), message + ".",
       fmt::format("It was left as it is. {} changes it.", existing.changed_by));
  return Command(existing.tag);
}

}  // namespace berth::engine
