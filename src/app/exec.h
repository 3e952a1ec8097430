#pragma once

#include "app/protect.h"

namespace berth::app {

// berth exec: takes the slots, then becomes the program, so that signals and the exit status are its own. Returns only
// where that did not come to pass: the exit status.
int Exec(int argc, char** argv, const ProcessState& before);

}  // namespace berth::app
