#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "session/session.h"

namespace berth::engine {

// The environment of a program that logs in by itself as `params` say: `inherited` with PGHOST, PGPORT, PGDATABASE,
// PGUSER, PGPASSWORD, PGSSLMODE, PGSSLROOTCERT (and PGSSLCERT, PGSSLKEY where the connection has them) and
// AIRFLOW_CONN_<NAME>, upper case, a URI of type redshift with sslmode as its extra. Variables that would lead
// elsewhere (PGSERVICE, PGHOSTADDR ..) are left out, and so is Airflow's for a name that no variable can have ('=' in
// it).
std::vector<std::string> ProgramEnvironment(std::vector<std::string> inherited, std::string_view connection,
                                            const session::ConnectParams& params);

}  // namespace berth::engine
