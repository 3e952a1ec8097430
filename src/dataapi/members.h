#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dataapi/patterns.h"
#include "dataapi/request.h"

namespace berth::dataapi {

// Where a member of a request goes; its type says what JSON it is.
using Slot = std::variant<std::optional<std::string> Request::*, std::optional<std::int64_t> Request::*,
                          std::optional<bool> Request::*, std::optional<std::vector<std::string>> Request::*,
                          std::optional<std::vector<NamedValue>> Request::*>;

// One member of the newest model: who takes it, who needs it, and what it may be. Lengths are characters, bounds of a
// list its length.
struct Member {
  std::string_view name;
  Slot slot;
  unsigned taken_by = 0;     // bits of Operation
  unsigned required_by = 0;  // a part of taken_by
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  Pattern pattern = Pattern::kNone;
  std::string_view one_of;  // "JSON|CSV"; empty: anything
  // ClusterIdentifier and WorkgroupName: a connection may have a name that the service's rules would not allow, so what
  // is wrong with the form is only said when no connection has that name.
  bool names_connection = false;
};

std::span<const Member> Members();

inline constexpr bool Takes(unsigned operations, Operation operation) {
  return (operations & static_cast<unsigned>(operation)) != 0;
}

// What is wrong with a value, in the service's words; nullopt: nothing.
std::optional<std::string> WrongText(const Member& member, std::string_view value);
std::optional<std::string> WrongNumber(const Member& member, std::int64_t value);
std::optional<std::string> WrongCount(const Member& member, std::size_t count);
std::string MissingText(std::string_view name);  // a required member was not sent

}  // namespace berth::dataapi
