#pragma once

#include "berth/error.h"
#include "berth/rows.h"
#include "engine/shared.h"
#include "parser/ast.h"

namespace berth::engine {

// EXPLAIN: what the statement would change, drop, send or refuse, one row each. In a write transaction, of which
// nothing is left but its lock: the statement is run and undone. No pool hears of it, no server is asked, no key and no
// password is made. `here`: why the statement would be refused where the caller stands, whatever it says; told as a
// warning.
Result<Outcome> RunExplain(const parser::Explain& statement, CatalogScope& scope, const Status& here);

// Whether the statement does more than a transaction over the catalog can undo, so that it is refused inside one.
bool ActsOutsideCatalog(const parser::Explained& statement);

}  // namespace berth::engine
