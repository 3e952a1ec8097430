#include "catalog/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/try.h"
#include "catalog/files.h"

namespace berth::catalog {
namespace {

constexpr std::string_view kHeader = "berth catalog key 1";
constexpr std::size_t kFileBytesMax = 4096;  // a key file has 65

Error Unreadable(const std::string& path, int number) {
  return {.code = ErrorCode::kCatalogUnavailable,
          .message = fmt::format("The key file {} cannot be read: {}", path, std::generic_category().message(number))};
}

Error NoKey(const std::string& path) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("{} is not a key file", path),
          .detail = fmt::format("A key file holds the line '{}' and a key of {} bytes as base64.", kHeader,
                                base::kSealKeyBytes),
          .hint = "Put the right key file back, or name it with BERTH_KEY_FILE."};
}

Error TooOpen(const std::string& path, unsigned mode) {
  return {.code = ErrorCode::kFailedPrecondition,
          .message = fmt::format("The key file {} has mode {:04o}: every user of this machine may read or change it",
                                 path, mode & 07777U),
          .hint = fmt::format("chmod 0600 {} (or 0640, for a group that shares the catalog)", path)};
}

// The bytes of an open file, at most kFileBytesMax + 1 of them.
Result<Secret> ReadAll(int fd, const std::string& path) {
  std::string text(kFileBytesMax + 1, '\0');
  std::size_t count = 0;
  while (count < text.size()) {
    const auto got = ::read(fd, text.data() + count, text.size() - count);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int number = errno;
      Wipe(text);
      return Unreadable(path, number);
    }
    if (got == 0) break;
    count += static_cast<std::size_t>(got);
  }
  text.resize(count);
  return Secret(std::move(text));
}

Result<std::vector<Secret>> ReadOpen(int fd, const std::string& path) {
  struct stat facts{};
  if (::fstat(fd, &facts) != 0) return Unreadable(path, errno);
  if (!S_ISREG(facts.st_mode)) return NoKey(path);
  if ((facts.st_mode & S_IRWXO) != 0) return TooOpen(path, facts.st_mode);
  BERTH_ASSIGN(const Secret file, ReadAll(fd, path));
  std::string_view text = file.Reveal();
  if (text.size() > kFileBytesMax || !text.starts_with(kHeader)) return NoKey(path);
  text.remove_prefix(kHeader.size());
  std::vector<Secret> keys;
  for (text = base::Trim(text); !text.empty(); text = base::Trim(text)) {
    const auto line = text.substr(0, text.find('\n'));
    auto key = base::DecodeBase64(base::Trim(line));
    if (!key || key->Reveal().size() != base::kSealKeyBytes || keys.size() == kKeysMax) return NoKey(path);
    keys.push_back(*std::move(key));
    text.remove_prefix(line.size());
  }
  if (keys.empty()) return NoKey(path);
  return keys;
}

Secret TextOf(const std::vector<Secret>& keys) {
  std::string text;
  text.reserve(kFileBytesMax);  // it must not move while it grows: what it leaves behind would not be wiped
  text.append(kHeader).append("\n");
  for (const auto& key : keys) {
    const Secret encoded(base::EncodeBase64(key.Reveal()));
    text.append(encoded.Reveal()).append("\n");
  }
  return Secret(std::move(text));
}

}  // namespace

Result<std::vector<Secret>> ReadKeys(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO must not hold us
  if (fd < 0 && errno == ENOENT) return std::vector<Secret>();
  if (fd < 0) return Unreadable(path, errno);
  auto keys = ReadOpen(fd, path);
  ::close(fd);
  return keys;
}

Result<std::optional<Secret>> ReadKey(const std::string& path) {
  BERTH_ASSIGN(auto keys, ReadKeys(path));
  if (keys.empty()) return std::optional<Secret>();
  return std::optional<Secret>(std::move(keys.front()));
}

const Secret* FindKey(const std::vector<Secret>& keys, std::string_view fingerprint) {
  for (const auto& key : keys) {
    if (base::KeyFingerprint(key.Reveal()) == fingerprint) return &key;
  }
  return nullptr;
}

Result<Made> MakeKeyFile(const std::string& path, const std::vector<Secret>& keys) {
  return MakeFile(path, TextOf(keys).Reveal());
}

Status ReplaceKeys(const std::string& path, const std::vector<Secret>& keys) {
  return ReplaceFile(path, TextOf(keys).Reveal());
}

Result<Secret> MakeKey(const std::string& path) {
  std::vector<Secret> keys;
  keys.push_back(base::RandomKey());
  BERTH_ASSIGN(const auto made, MakeKeyFile(path, keys));
  if (made == Made::kMade) {
    log::Info("made the key file {} (key {})", path, base::KeyFingerprint(keys.front().Reveal()));
    return std::move(keys.front());
  }
  BERTH_ASSIGN(auto theirs, ReadKey(path));
  if (!theirs) return NoKey(path);
  return *std::move(theirs);
}

}  // namespace berth::catalog
