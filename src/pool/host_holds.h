#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/fork_guard.h"
#include "base/mutex.h"
#include "pool/slot_line.h"

namespace berth::pool {

// A place in a connection's line, and in its group's while it is the first there and the group's slots are out.
class HostTicket final : public Ticket {
 public:
  HostTicket(std::shared_ptr<SlotLine> line, std::int64_t connection_id, std::function<void()> wake);
  HostTicket(const HostTicket&) = delete;
  HostTicket& operator=(const HostTicket&) = delete;
  ~HostTicket() override;

  std::size_t place() const override { return line_->PlaceOf(number_); }
  std::optional<std::uint64_t> number() const { return number_; }
  std::optional<std::uint64_t> group_number() const { return group_number_; }  // nullopt: stands in no group's line
  void StandInGroup(const std::shared_ptr<SlotLine>& group, std::int64_t connection_id);  // keeps its place there
  void LeaveGroup();

 private:
  // What the lines call; outlives the ticket where a call is under way.
  struct Waker {
    std::function<void()> wake;
    std::atomic<bool> in_group{false};
  };

  const std::shared_ptr<SlotLine> line_;
  const std::shared_ptr<Waker> waker_;
  const std::uint32_t epoch_ = base::ForkEpoch();
  const std::uint64_t number_;
  std::shared_ptr<SlotLine> group_;
  std::optional<std::uint64_t> group_number_;  // in group_
};

class HostSlot final : public SlotHold {
 public:
  HostSlot(std::shared_ptr<SlotLine> line, TakenSlot taken, std::shared_ptr<SlotLine> group = nullptr,
           std::int64_t connection_id = 0)
      : line_(std::move(line)), taken_(taken), group_(std::move(group)), connection_id_(connection_id) {}
  ~HostSlot() override;
  void Opened(std::int32_t backend_pid, std::int32_t cancel_key) noexcept override;
  void Note(SlotState state, Clock::Steady since) noexcept override;
  std::optional<SlotOrphan> orphan() const override { return taken_.orphan; }
  std::size_t number() const noexcept override { return taken_.slot; }
  bool pressed() const noexcept override { return line_->hinted() || (group_ != nullptr && group_->hinted()); }
  std::size_t group_surplus() const override { return group_ != nullptr ? group_->SurplusOf(connection_id_) : 0; }
  Status Bequeath(std::string_view program) override;

 private:
  bool Ours() const noexcept { return base::ForkEpoch() == epoch_; }

  const std::shared_ptr<SlotLine> line_;
  const TakenSlot taken_;
  const std::shared_ptr<SlotLine> group_;  // null: the connection is in none
  const std::int64_t connection_id_;       // in it
  bool bequeathed_ = false;
  const std::uint32_t epoch_ = base::ForkEpoch();
};

}  // namespace berth::pool
