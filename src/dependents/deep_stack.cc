#include "dependents/deep_stack.h"

#include <pthread.h>

#include <cstddef>

namespace berth::dependents {
namespace {

constexpr std::size_t kStackBytes = 256u << 20;

void* Run(void* work) {
  (*static_cast<const std::function<void()>*>(work))();
  return nullptr;
}

}  // namespace

bool RunOnDeepStack(const std::function<void()>& work) {
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return false;
  pthread_t thread{};
  auto* const argument = const_cast<std::function<void()>*>(&work);  // Run() only reads it
  const bool started = ::pthread_attr_setstacksize(&attributes, kStackBytes) == 0 &&
                       ::pthread_create(&thread, &attributes, Run, argument) == 0;
  ::pthread_attr_destroy(&attributes);
  return started && ::pthread_join(thread, nullptr) == 0;
}

}  // namespace berth::dependents
