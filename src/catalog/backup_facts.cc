#include "catalog/backup_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <charconv>
#include <fstream>
#include <string_view>
#include <system_error>

#include "base/crypto.h"
#include "base/unique_fd.h"

namespace berth::catalog {
namespace {

constexpr std::string_view kFirstLine = "berth backup 1";

Error Unreadable(const std::string& path, int number) {
  return {.code = ErrorCode::kCatalogUnavailable,
          .message = fmt::format("{} cannot be read: {}", path, std::generic_category().message(number))};
}

Error NoFacts(const std::string& path) {
  return {.code = ErrorCode::kCatalogCorrupt,
          .message = fmt::format("{} is not what a backup holds", path),
          .hint = "Name the folder that berth backup was given."};
}

}  // namespace

std::string TextOf(const BackupFacts& facts) {
  return fmt::format("{}\nmade_at {}\nmade_by {}\nprogram {}\ncatalog {}\nsha256 {}\nbytes {}\nkey {}\n", kFirstLine,
                     facts.made_at, facts.made_by, facts.program, facts.catalog, facts.sha256, facts.bytes, facts.key);
}

Result<BackupFacts> ReadBackupFacts(const std::string& folder) {
  const std::string path = folder + kBackupFacts;
  std::ifstream file(path);
  if (!file) {
    return Error{.code = ErrorCode::kNotFound,
                 .message = fmt::format("{} holds no backup, or one that was cut off: it has no backup.txt", folder),
                 .hint = "Name the folder that berth backup was given."};
  }
  std::string line;
  if (!std::getline(file, line) || line != kFirstLine) return NoFacts(path);
  BackupFacts facts;
  while (std::getline(file, line)) {
    const auto space = line.find(' ');
    if (space == std::string::npos) continue;
    const auto name = line.substr(0, space);
    const auto value = line.substr(space + 1);
    if (name == "made_at") facts.made_at = value;
    if (name == "made_by") facts.made_by = value;
    if (name == "program") facts.program = value;
    if (name == "catalog") facts.catalog = value;
    if (name == "sha256") facts.sha256 = value;
    if (name == "key") facts.key = value;
    if (name == "bytes") std::from_chars(value.data(), value.data() + value.size(), facts.bytes);
  }
  if (facts.sha256.empty() || facts.bytes <= 0) return NoFacts(path);
  return facts;
}

Result<FileFacts> FactsOfFile(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts{};
  if (fd.get() < 0 || ::fstat(fd.get(), &facts) != 0) return Unreadable(path, errno);
  if (facts.st_size == 0) return FileFacts{.sha256 = base::Sha256Hex(""), .bytes = 0};
  const auto size = static_cast<std::size_t>(facts.st_size);
  void* const bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (bytes == MAP_FAILED) return Unreadable(path, errno);
  FileFacts found{.sha256 = base::Sha256Hex({static_cast<const char*>(bytes), size}), .bytes = facts.st_size};
  ::munmap(bytes, size);
  return found;
}

}  // namespace berth::catalog
