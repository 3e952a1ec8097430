#include "app/serve.h"

#include <errno.h>
#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>
#include <system_error>

#include "berth/error.h"
#include "shell/error_text.h"
#include "shell/output.h"

namespace berth::app {
namespace {

constexpr int kCannotServe = 3;
// Seen from the program's folder: as it is built, and as it is installed.
constexpr std::array<const char*, 2> kPlaces = {"berth-serve", "../libexec/berth/berth-serve"};

}  // namespace

int Serve(char** argv) {
  std::error_code failed;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", failed);
  std::string looked;
  for (const auto* const place : kPlaces) {
    const auto path = (self.parent_path() / place).lexically_normal();
    ::execv(path.c_str(), argv);
    looked +=
        fmt::format("{}{}: {}", looked.empty() ? "" : ", ", path.string(), std::generic_category().message(errno));
  }
  shell::Output(STDERR_FILENO)
      .Append(shell::ErrorText({.code = ErrorCode::kNotFound,
                                .message = fmt::format("berth serve is not installed ({})", looked),
                                .hint = "It is a program beside berth, of the same package."}));
  return kCannotServe;
}

}  // namespace berth::app
