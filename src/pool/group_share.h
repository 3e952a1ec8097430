#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace berth::pool {

// What a connection may use of its group's cap. Slots 0 .. cap - reserved_total of a group are for all of its
// connections; those above are reserved, one range a connection, in the order of their ids.
struct GroupShare {
  std::int64_t group_id = 0;
  std::string name;                 // for errors
  std::int64_t version = 0;         // grows with each change of the group, its members or their reservations
  std::size_t cap = 0;              // the group's MAX_CONCURRENT_CONNECTIONS
  std::size_t reserved = 0;         // RESERVED of this connection
  std::size_t reserved_before = 0;  // the sum over the group's connections of smaller ids
  std::size_t reserved_total = 0;   // the sum over all of them; at most cap

  friend bool operator==(const GroupShare&, const GroupShare&) = default;
};

}  // namespace berth::pool
