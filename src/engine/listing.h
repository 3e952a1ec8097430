#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "berth/rows.h"
#include "catalog/store.h"
#include "engine/shared.h"

namespace berth::engine {

// A table of facts about Berth itself: what SHOW shows and what system.information_schema has.
struct Listing {
  struct ListedColumn {
    std::string_view name;
    ValueKind kind = ValueKind::kText;
  };
  std::vector<ListedColumn> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
};
Outcome RowsOf(Listing listing);

// One row a pool of this process; of those whose connections the scope shows where a service's client asks.
Result<Listing> PoolsListing(CatalogScope& scope);
// One row a slot that is out, of all processes of this machine.
Listing SlotsListing(const Shared& shared, const std::vector<catalog::Connection>& connections);

// The name of a unix user, or its number.
std::string UserName(uid_t uid);

}  // namespace berth::engine
