#pragma once

#include "berth/error.h"
#include "catalog/store.h"
#include "engine/maintenance.h"
#include "parser/ast.h"

namespace berth::engine {

// The catalog's half of CREATE, DROP and ATTACH TABLE c.s.t. Errors: kNotFound (the connection), kDependentsExist (a
// job uses the table that is dropped).
Status RecordTable(catalog::Transaction& transaction, TableWork work, const parser::TableName& name);

}  // namespace berth::engine
