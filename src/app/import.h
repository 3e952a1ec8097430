#pragma once

namespace berth::app {

// berth import: what other programs know of connections, as a script on standard output or (--apply) in the catalog.
// The exit status: 0; 1 the file is not what it should be, or a statement failed; 2 usage; 3 the catalog could not be
// opened.
int Import(int argc, const char* const* argv);

}  // namespace berth::app
