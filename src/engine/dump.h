#pragma once

#include <string>
#include <vector>

#include "berth/engine.h"
#include "berth/error.h"

namespace berth::engine {

struct Dump {
  std::string script;
  std::vector<std::string> variables;  // that it asks for in place of the passwords and secrets that are sealed here
};

// The whole catalog as a script that makes it again, in an order that works: groups, secrets, connections, tables,
// jobs, those that live elsewhere, service users with their grants but without their keys, pauses. No password is in
// it. Running it asks the warehouses whether they have the tables.
// Errors: the catalog's.
Result<Dump> DumpCatalog(Engine& engine);

}  // namespace berth::engine
