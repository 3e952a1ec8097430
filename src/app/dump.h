#pragma once

namespace berth::app {

// berth dump: the catalog as a script on standard output. The exit status: 0; 1 it failed; 2 usage; 3 the catalog could
// not be opened.
int Dump(int argc, const char* const* argv);

}  // namespace berth::app
