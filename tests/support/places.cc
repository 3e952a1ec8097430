#include "support/places.h"

namespace berth::test {

std::filesystem::path SourceDir() {
  return BERTH_SOURCE_DIR;
}
std::filesystem::path Program() {
  return BERTH_PROGRAM;
}
std::filesystem::path FaultWorker() {
  return BERTH_FAULT_WORKER;
}

}  // namespace berth::test
