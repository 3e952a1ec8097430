#pragma once

#include <string>

#include "berth/error.h"
#include "catalog/records.h"
#include "engine/shared.h"

namespace berth::engine {

// The bodies of jobs name connections: a body that says old.schema.table says new.schema.table from now on, so that
// SHOW CREATE JOB gives what can be run again. Errors: kNotSupported for a new name with a quote where a body names the
// connection.
Status RenameInJobs(const catalog::Connection& connection, const std::string& new_name, CatalogScope& scope);

// The body of `job` with the connection's new name in place of the old one. Errors: as above.
Result<std::string> BodyNaming(const catalog::Job& job, const std::string& old_name, const std::string& new_name);

}  // namespace berth::engine
