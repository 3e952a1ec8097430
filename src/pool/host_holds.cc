#include "pool/host_holds.h"

#include <utility>

#include "base/try.h"

namespace berth::pool {

// While it stands in the group's line a free slot of the connection is no news: it had that already.
HostTicket::HostTicket(std::shared_ptr<SlotLine> line, std::int64_t connection_id, std::function<void()> wake)
    : line_(std::move(line)),
      waker_(std::make_shared<Waker>()),
      number_((waker_->wake = std::move(wake), line_->Stand(connection_id, [waker = waker_] {
        if (!waker->in_group) waker->wake();
      }))) {}

HostTicket::~HostTicket() {
  if (base::ForkEpoch() != epoch_) return;
  LeaveGroup();
  line_->Leave(number_);
}

void HostTicket::StandInGroup(const std::shared_ptr<SlotLine>& group, std::int64_t connection_id) {
  if (group_ == group) return;
  LeaveGroup();
  waker_->in_group = true;
  group_number_ = group->Stand(connection_id, [waker = waker_] { waker->wake(); });
  group_ = group;
}

void HostTicket::LeaveGroup() {
  if (group_ == nullptr) return;
  waker_->in_group = false;
  group_->Leave(*group_number_);
  group_number_.reset();
  group_.reset();
}

HostSlot::~HostSlot() {
  if (!Ours() || bequeathed_) return;
  line_->GiveBack(taken_.slot);
  if (group_ != nullptr) group_->GiveBackOneOf(connection_id_);
}

void HostSlot::Opened(std::int32_t backend_pid, std::int32_t cancel_key) noexcept {
  if (!Ours()) return;
  SlotRecord& record = line_->record(taken_.slot);
  record.backend_pid.store(backend_pid, std::memory_order_relaxed);
  record.cancel_key.store(cancel_key, std::memory_order_relaxed);
}

Status HostSlot::Bequeath(std::string_view program) {
  if (line_->in_memory()) return SlotHold::Bequeath(program);
  if (group_ != nullptr) BERTH_TRY(group_->BequeathAllOf(connection_id_, program));
  BERTH_TRY(line_->Bequeath(taken_.slot, program));
  bequeathed_ = true;
  return {};
}

void HostSlot::Note(SlotState state, Clock::Steady since) noexcept {
  if (!Ours()) return;
  SlotRecord& record = line_->record(taken_.slot);
  record.since.store(std::chrono::nanoseconds(since.time_since_epoch()).count(), std::memory_order_relaxed);
  record.state.store(state, std::memory_order_relaxed);
}

}  // namespace berth::pool
