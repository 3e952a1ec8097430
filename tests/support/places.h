#pragma once

#include <filesystem>

namespace berth::test {

// Where this build has them. Here and not in macros: objects that name no folder are the same in every checkout, so a
// compiler cache serves them all.
std::filesystem::path SourceDir();
std::filesystem::path Program();      // berth
std::filesystem::path FaultWorker();  // tests/fault/worker.cc

}  // namespace berth::test
