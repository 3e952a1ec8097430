#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "session/session.h"

namespace berth::bench {

// Waits without a condition to wait for: what a login or a query takes.
void Hold(std::chrono::microseconds time);

// Sessions that do nothing, after a login of `login`: what a pool costs by itself.
std::unique_ptr<session::SessionFactory> StubFactory(std::chrono::milliseconds login);

}  // namespace berth::bench
