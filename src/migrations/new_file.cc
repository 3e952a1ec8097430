#include "migrations/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "base/try.h"
#include "base/unique_fd.h"
#include "migrations/folder.h"

namespace berth::migrations {
namespace {

constexpr std::string_view kBeginning =
    "-- What this does, and why.\n"
    "-- Statements of Berth's own run on the catalog; USE CONNECTION name; before what goes to a warehouse.\n\n";

std::string WordsOf(std::string_view name) {
  std::string words(name);
  std::ranges::replace_if(words, [](char c) { return c == ' ' || c == '/' || c == '.' || c == '-'; }, '_');
  return words;
}

// One after the first number of the newest version, as wide as that is written.
Result<std::string> NextVersion(const std::string& folder) {
  if (!std::filesystem::exists(folder)) return std::string("0001");
  BERTH_ASSIGN(const auto files, ReadFolder(folder));
  const File* newest = nullptr;
  for (const auto& file : files) {
    if (file.version) newest = &file;
  }
  if (newest == nullptr) return std::string("0001");
  const auto name = newest->script.substr(newest->script.rfind('/') + 1);
  const auto digits = name.find_first_not_of("0123456789", 1) - 1;
  std::uint64_t number = 0;
  std::from_chars(name.data() + 1, name.data() + 1 + digits, number);
  return fmt::format("{:0{}}", number + 1, digits);
}

}  // namespace

Result<std::string> MakeNewFile(const std::string& folder, std::string_view name, bool repeatable) {
  BERTH_ASSIGN(const auto version, NextVersion(folder));
  const auto script =
      repeatable ? fmt::format("R__{}.sql", WordsOf(name)) : fmt::format("V{}__{}.sql", version, WordsOf(name));
  BERTH_ASSIGN(const auto checked, ParseFileName(script));
  static_cast<void>(checked);
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  const auto path = folder + "/" + script;
  const base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd && errno == EEXIST)
    return Error{.code = ErrorCode::kAlreadyExists, .message = fmt::format("{} is there already", path)};
  if (!fd || ::write(fd.get(), kBeginning.data(), kBeginning.size()) != static_cast<ssize_t>(kBeginning.size())) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("{} cannot be written: {}", path, std::generic_category().message(errno))};
  }
  return path;
}

}  // namespace berth::migrations
