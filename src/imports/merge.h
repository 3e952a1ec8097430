#pragma once

#include "imports/found.h"

namespace berth::imports {

// Makes of what was found what a catalog can have: one connection for each server, database and user (the first; its
// password is another's where it has none), a host, a database and a user for each, names that differ in more than
// case. What goes is added to `lost`.
void Merge(Import& found);

}  // namespace berth::imports
