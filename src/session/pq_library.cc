#include "session/pq_library.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <cstdlib>

namespace berth::session {
namespace {

constexpr const char* kLibrary = "libpq.so.5";

// Never closed: OpenSSL below it leaves handlers for the program's end.
void* Library() {
  static void* const kOpened = ::dlopen(kLibrary, RTLD_LAZY | RTLD_LOCAL);
  return kOpened;
}

}  // namespace

Status LoadLibpq() {
  if (Library() != nullptr) return {};
  const char* reason = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps it by thread
  return Error{
      .code = ErrorCode::kInternal,
      .message = fmt::format("{} cannot be loaded: {}", kLibrary, reason == nullptr ? "it failed before" : reason),
      .hint = "Install PostgreSQL's client library: apt-get install libpq5."};
}

PqAddress FindInLibpq(const char* name) {
  const auto found = reinterpret_cast<PqAddress>(::dlsym(Library(), name));
  if (found == nullptr) std::abort();  // every libpq since PostgreSQL 14, on OpenSSL 3, has them
  return found;
}

}  // namespace berth::session
