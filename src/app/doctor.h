#pragma once

namespace berth::app {

// berth doctor: looks at the catalog, its key, the folders, the root certificates and a login on each connection, and
// says what to mend. Returns the exit status: 0 all is well, 1 something is not, 2 usage, 3 the catalog could not be
// opened.
int Doctor(int argc, char** argv);

}  // namespace berth::app
