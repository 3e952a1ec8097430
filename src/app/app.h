#pragma once

namespace berth::app {

// The program; its exit status. `argv` is written to: secrets in it are wiped.
int Main(int argc, char** argv);

}  // namespace berth::app
