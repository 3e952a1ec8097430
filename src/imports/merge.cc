#include "imports/merge.h"

#include <fmt/core.h>

#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/strings.h"

namespace berth::imports {
namespace {

constexpr std::size_t kNameBytesMax = 127;

std::string NameFor(std::string_view wanted, std::set<std::string>& taken) {
  std::string name(wanted.substr(0, kNameBytesMax));
  if (name.empty() || base::EqualsIgnoreCase(name, "system")) name += "_imported";
  auto unique = name;
  for (int i = 2; !taken.insert(base::ToLower(unique)).second; ++i) {
    const auto suffix = fmt::format("_{}", i);
    unique = name.substr(0, kNameBytesMax - suffix.size()) + suffix;
  }
  return unique;
}

}  // namespace

void Merge(Import& found) {
  std::vector<FoundConnection> kept;
  std::map<std::tuple<std::string, std::uint16_t, std::string, std::string>, std::size_t> places;
  std::set<std::string> names;
  for (auto& connection : found.connections) {
    const char* const missing = connection.host.empty()       ? "host"
                                : connection.database.empty() ? "database"
                                : connection.user.empty()     ? "user"
                                                              : nullptr;
    if (missing != nullptr) {
      found.lost.push_back(fmt::format("{}: it has no {}", connection.origin, missing));
      continue;
    }
    const auto [place, fresh] = places.try_emplace(
        {base::ToLower(connection.host), connection.port, connection.database, connection.user}, kept.size());
    if (!fresh) {
      auto& first = kept[place->second];
      found.lost.push_back(
          fmt::format("{}: the same host, database and user as {}: merged into it", connection.origin, first.origin));
      if (first.password.kind == FoundPassword::Kind::kNone) first.password = std::move(connection.password);
      continue;
    }
    connection.name = NameFor(connection.name, names);
    kept.push_back(std::move(connection));
  }
  found.connections = std::move(kept);
}

}  // namespace berth::imports
