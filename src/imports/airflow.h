#pragma once

#include <string>
#include <string_view>

#include "berth/error.h"
#include "imports/found.h"

namespace berth::imports {

// What `airflow connections export` writes: JSON, YAML, or lines NAME=URI (also NAME={json} and AIRFLOW_CONN_NAME=..),
// told apart by the text. Redshift's and PostgreSQL's are taken, the others listed as lost. Errors: kSyntax.
Result<Import> FromAirflow(const std::string& text);

}  // namespace berth::imports
