#pragma once

#include <string>

namespace berth::bench {

void Print(const std::string& text);

// Of the environment; empty: not set. Before any thread is started.
std::string Variable(const char* name);

// Prints how long the same integer work takes on this machine, so that figures of two days can be told apart from those
// of two machines.
void Calibrate();

}  // namespace berth::bench
