#include "engine/last_use.h"

#include "base/log.h"

namespace berth::engine {

void NoteUse(const Shared& shared, std::int64_t connection_id, std::unique_ptr<catalog::Transaction> reading) {
  const auto recent = reading->UsedWithin(connection_id, kUseNotedEvery);
  reading.reset();
  if (!recent.ok() || recent.value()) return;
  auto writing = shared.store.Begin(catalog::Access::kWrite, Deadline::After(shared.clock, kUseNoteWaitMax));
  Status status = writing.ok() ? writing.value()->NoteUse(connection_id) : Status(writing.error());
  if (status.ok()) status = writing.value()->Commit();
  if (!status.ok()) log::Debug("the use of a connection is not noted: {}", status.error().message);
}

}  // namespace berth::engine
