#pragma once

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/keeping.h"
#include "engine/shared.h"

namespace berth::engine {

// Looks at the whole catalog (catalog/check.h) and mends what can be mended: a CREATE or DROP TABLE whose process died
// is brought to its end by what the warehouse says, and edges that a job's body does not give are made again. What
// could not be mended is a fault among the findings. Errors: the catalog's.
Result<CheckReport> CheckCatalog(const Shared& shared, Deadline deadline);

}  // namespace berth::engine
