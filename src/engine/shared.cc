#include "engine/shared.h"

#include <utility>

namespace berth::engine {

Deadline CatalogDeadline(const Shared& shared, Deadline deadline) {
  return Deadline::After(shared.clock, kCatalogWait).Sooner(deadline);
}

void Tell(const NoticeSink& sink, std::string severity, std::string message, std::string detail, std::string hint) {
  if (!sink) return;
  sink(Notice{.severity = std::move(severity),
              .sqlstate = "00000",
              .message = std::move(message),
              .detail = std::move(detail),
              .hint = std::move(hint)});
}

void TellNoChange(const NoticeSink& sink, std::string why) {
  Tell(sink, "NOTICE", std::string(kNoChange), std::move(why));
}

}  // namespace berth::engine
