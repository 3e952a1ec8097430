#pragma once

#include <string_view>

#include "berth/error.h"
#include "imports/found.h"

namespace berth::imports {

// dbt's target/manifest.json: its models, snapshots and seeds, and its exposures, as jobs that live elsewhere
// ("dbt:model.shop.orders"). Errors: kSyntax.
Result<Import> FromDbtManifest(std::string_view text);

}  // namespace berth::imports
