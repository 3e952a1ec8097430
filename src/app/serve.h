#pragma once

namespace berth::app {

// berth serve: this process becomes berth-serve, with the same arguments, environment and descriptors. It returns only
// where it cannot: the exit status.
int Serve(char** argv);

}  // namespace berth::app
