#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "berth/deadline.h"

namespace berth::statements {

// Something that waits for its turn to run.
struct Unit {
  std::string id;  // of the statement or listing
  std::string caller;
  std::optional<std::size_t> max_concurrent;  // of the caller on that connection
  std::string connection;
  bool needs_slot = true;  // false: it runs in a session that has one
  Clock::Steady give_up = Clock::Steady::max();
  std::function<bool()> run;      // on a worker; true: its slot stays taken (until GiveSlot)
  std::function<void()> expired;  // its give_up has come first
};

// Whose turn it is: callers take turns, and so do the connections of a caller, so that nobody fills the queue for
// another and a full connection holds up no other. Knows how many slots each connection has for us and how many are
// used. No clock and no thread of its own; guarded by its owner's mutex.
class Turns {
 public:
  explicit Turns(std::size_t workers_max) : workers_max_(workers_max) {}

  // How many slots of a connection may be used here.
  void SetRoom(const std::string& connection, std::size_t slots);
  // Whether it could run at once; it is not added.
  bool MayRun(const Unit& unit) const;
  void Add(Unit unit);
  // Takes it out; false: it does not wait.
  bool Remove(std::string_view id);
  // The next that may run; counted as running from now on.
  std::optional<Unit> Next();
  // As though Next() had given it. MayRun() must have said so.
  void Started(const Unit& unit);
  // It has ended. `keeps_slot`: its session stays (until GiveSlot).
  void Ended(const Unit& unit, bool keeps_slot);
  void GiveSlot(const std::string& connection);
  std::vector<Unit> TakeExpired(Clock::Steady now);

  std::size_t waiting() const { return waiting_; }
  std::size_t running() const { return running_; }

 private:
  struct Connection {
    std::size_t room = 1;
    std::size_t used = 0;
  };
  using Lane = std::deque<Unit>;
  using LaneName = std::pair<std::string, bool>;  // the connection; true: those that need a slot of it
  struct Caller {
    std::map<LaneName, Lane> lanes;
    LaneName last_lane;
    std::map<std::string, std::size_t> running;  // by connection; none is 0
  };
  bool HasRoom(const Unit& unit, const Caller& caller) const;
  std::optional<Unit> NextOf(Caller& caller);
  void Forget(const std::string& name);

  const std::size_t workers_max_;
  std::map<std::string, Connection> connections_;
  std::map<std::string, Caller> callers_;  // with something that waits or runs
  std::string last_caller_;
  std::size_t waiting_ = 0, running_ = 0;
};

}  // namespace berth::statements
