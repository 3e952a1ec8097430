#pragma once

namespace berth::serve {

// berth serve: answers the Data API until a signal ends it; the exit status. `argv` is what berth was given: argv[1] is
// "serve".
int Serve(int argc, char** argv);

}  // namespace berth::serve
