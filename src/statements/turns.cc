#include "statements/turns.h"

#include <algorithm>
#include <utility>

namespace berth::statements {
namespace {

std::pair<std::string, bool> LaneOf(const Unit& unit) {
  return {unit.connection, unit.needs_slot};
}

// The one after `last` in the order of names, the first after the last.
template <class Map>
typename Map::iterator After(Map& map, const typename Map::key_type& last) {
  auto at = map.upper_bound(last);
  return at == map.end() ? map.begin() : at;
}

}  // namespace

void Turns::SetRoom(const std::string& connection, std::size_t slots) {
  connections_[connection].room = slots;
}

bool Turns::HasRoom(const Unit& unit, const Caller& caller) const {
  const auto running = caller.running.find(unit.connection);
  if (unit.max_concurrent && running != caller.running.end() && running->second >= *unit.max_concurrent) return false;
  if (!unit.needs_slot) return true;
  const auto found = connections_.find(unit.connection);
  return found == connections_.end() || found->second.used < found->second.room;
}

bool Turns::MayRun(const Unit& unit) const {
  if (running_ >= workers_max_) return false;
  const auto found = callers_.find(unit.caller);
  if (found == callers_.end()) return HasRoom(unit, Caller());
  const auto lane = found->second.lanes.find(LaneOf(unit));
  if (unit.needs_slot && lane != found->second.lanes.end()) return false;  // others of his come first
  return HasRoom(unit, found->second);
}

void Turns::Add(Unit unit) {
  auto& lane = callers_[unit.caller].lanes[LaneOf(unit)];
  lane.push_back(std::move(unit));
  ++waiting_;
}

bool Turns::Remove(std::string_view id) {
  for (auto& [name, caller] : callers_) {
    for (auto lane = caller.lanes.begin(); lane != caller.lanes.end(); ++lane) {
      const auto found =
          std::find_if(lane->second.begin(), lane->second.end(), [&](const Unit& unit) { return unit.id == id; });
      if (found == lane->second.end()) continue;
      lane->second.erase(found);
      if (lane->second.empty()) caller.lanes.erase(lane);
      --waiting_;
      Forget(std::string(name));
      return true;
    }
  }
  return false;
}

std::optional<Unit> Turns::NextOf(Caller& caller) {
  auto lane = After(caller.lanes, caller.last_lane);
  for (std::size_t i = 0; i < caller.lanes.size(); ++i) {
    if (HasRoom(lane->second.front(), caller)) {
      Unit unit = std::move(lane->second.front());
      lane->second.pop_front();
      caller.last_lane = lane->first;
      if (lane->second.empty()) caller.lanes.erase(lane);
      --waiting_;
      return unit;
    }
    if (++lane == caller.lanes.end()) lane = caller.lanes.begin();
  }
  return std::nullopt;
}

std::optional<Unit> Turns::Next() {
  if (running_ >= workers_max_ || waiting_ == 0) return std::nullopt;
  auto caller = After(callers_, last_caller_);
  for (std::size_t i = 0; i < callers_.size(); ++i) {
    if (auto unit = NextOf(caller->second)) {
      Started(*unit);
      return unit;
    }
    if (++caller == callers_.end()) caller = callers_.begin();
  }
  return std::nullopt;
}

void Turns::Started(const Unit& unit) {
  last_caller_ = unit.caller;  // whose turn it was, whether he waited for it or not
  ++running_;
  ++callers_[unit.caller].running[unit.connection];
  if (unit.needs_slot) ++connections_[unit.connection].used;
}

void Turns::Ended(const Unit& unit, bool keeps_slot) {
  --running_;
  auto& running = callers_[unit.caller].running;
  if (const auto here = running.find(unit.connection); here != running.end() && --here->second == 0)
    running.erase(here);
  if (unit.needs_slot && !keeps_slot) --connections_[unit.connection].used;
  Forget(unit.caller);
}

void Turns::GiveSlot(const std::string& connection) {
  --connections_[connection].used;
}

void Turns::Forget(const std::string& name) {
  const auto found = callers_.find(name);
  if (found != callers_.end() && found->second.running.empty() && found->second.lanes.empty()) callers_.erase(found);
}

std::vector<Unit> Turns::TakeExpired(Clock::Steady now) {
  std::vector<Unit> expired;
  std::vector<std::string> ids;
  for (const auto& [name, caller] : callers_) {
    for (const auto& [connection, lane] : caller.lanes) {
      for (const auto& unit : lane) {
        if (!unit.expired || unit.give_up > now) continue;
        expired.push_back(unit);
        ids.push_back(unit.id);
      }
    }
  }
  for (const auto& id : ids) Remove(id);
  return expired;
}

}  // namespace berth::statements
