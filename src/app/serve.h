#pragma once

namespace berth::app {

// berth serve: answers the Data API until a signal ends it; the exit status.
int Serve(int argc, char** argv);

}  // namespace berth::app
