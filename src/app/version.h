#pragma once

namespace berth::app {

inline constexpr const char* kVersion = "0.1.0";  // as project(berth VERSION) says; a test holds them together

}  // namespace berth::app
