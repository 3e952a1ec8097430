#pragma once

// Ports of the loopback, for the programs that a benchmark starts.
namespace berth::bench {

int FreePort();
// Waits until somebody listens there; throws after ten seconds, with the program's name.
void AwaitListener(int port, const char* program);

}  // namespace berth::bench
