#include "dataapi/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"
#include "base/unique_fd.h"
#include "dataapi/signature.h"

namespace berth::dataapi {
namespace {

constexpr std::size_t kFileBytesMax = 4 * 1024 * 1024;
constexpr std::size_t kKeysOfUserMax = 2;
constexpr std::size_t kSecretBytesMin = 16;

Error Wrong(std::string message) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = std::move(message),
               .hint =
                   "Lines are: key USER KEY_ID SECRET [disabled] [expires=TIME], or: grant USER CONNECTION "
                   "[max_active=N] [max_concurrent=N]."};
}

Result<std::string> ReadPrivate(const std::string& path) {
  const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat facts{};
  if (!fd || ::fstat(fd.get(), &facts) != 0) {
    return Wrong(fmt::format("cannot read the keys {}: {}", path, std::generic_category().message(errno)));
  }
  if ((facts.st_mode & 0077U) != 0) {
    return Wrong(fmt::format("others than its owner may read the keys {} (mode {:04o}); chmod 600 it", path,
                             facts.st_mode & 07777U));
  }
  std::string text(kFileBytesMax + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const auto got = ::read(fd.get(), text.data() + size, text.size() - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  text.resize(size);
  if (size > kFileBytesMax) return Wrong(fmt::format("the keys {} have more than {} bytes", path, kFileBytesMax));
  return text;
}

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos || line[begin] == '#') return words;
    line.remove_prefix(begin);
    const auto end = std::min(line.find_first_of(" \t\r"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

std::optional<std::size_t> Count(std::string_view text) {
  std::size_t number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc() || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

// "2026-12-31T00:00:00Z" -> "20261231T000000Z"
std::optional<Clock::Wall> Time(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c != '-' && c != ':') plain += c;
  }
  return ReadSignatureTime(plain);
}

}  // namespace

Status KeyFile::ReadLine(std::string_view line, Content& content) {
  const auto words = Words(line);
  if (words.empty()) return {};
  if (words[0] == "key" && words.size() >= 4) {
    AccessKey key{.user = std::string(words[1]), .secret = Secret(std::string(words[3]))};
    if (words[3].size() < kSecretBytesMin) return Wrong(fmt::format("a secret has at least {} bytes", kSecretBytesMin));
    for (std::size_t i = 4; i < words.size(); ++i) {
      if (words[i] == "disabled") {
        key.disabled = true;
      } else if (words[i].starts_with("expires=")) {
        key.expires_at = Time(words[i].substr(8));
        if (!key.expires_at) return Wrong("expires= takes a time such as 2026-12-31T00:00:00Z");
      } else {
        return Wrong("after the secret only disabled and expires= can stand");
      }
    }
    if (++content.keys_of[key.user] > kKeysOfUserMax) {
      return Wrong(fmt::format("a user has at most {} keys", kKeysOfUserMax));
    }
    const bool fresh = content.keys.emplace(words[2], std::move(key)).second;
    return fresh ? Status() : Wrong("this key id stands twice");
  }
  if (words[0] == "grant" && words.size() >= 3) {
    statements::CallerLimits limits;
    for (std::size_t i = 3; i < words.size(); ++i) {
      const auto equals = std::min(words[i].find('='), words[i].size() - 1);
      const auto name = words[i].substr(0, equals);
      const auto number = Count(words[i].substr(equals + 1));
      if (!number || (name != "max_active" && name != "max_concurrent")) {
        return Wrong("after the connection only max_active=N and max_concurrent=N can stand");
      }
      (name == "max_active" ? limits.max_active : limits.max_concurrent) = number;
    }
    content.grants[{std::string(words[1]), std::string(words[2])}] = limits;
    return {};
  }
  return Wrong("a line begins with key or grant");
}

Result<KeyFile::Content> KeyFile::Read(const std::string& path) {
  BERTH_ASSIGN(auto text, ReadPrivate(path));
  Content content;
  std::size_t number = 0;
  std::string_view rest = text;
  auto status = Status();
  while (!rest.empty() && status.ok()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    ++number;
    status = ReadLine(rest.substr(0, end), content);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  Wipe(text);
  if (status.ok()) return content;
  auto error = std::move(status).TakeError();
  error.message = fmt::format("{}, line {}: {}", path, number, error.message);
  return error;
}

Result<std::unique_ptr<KeyFile>> KeyFile::Open(std::string path) {
  std::unique_ptr<KeyFile> file(new KeyFile(std::move(path)));
  BERTH_TRY(file->Reload());
  return file;
}

Status KeyFile::Reload() {
  BERTH_ASSIGN(auto content, Read(path_));
  const base::MutexLock lock(mutex_);
  content_ = std::move(content);
  return {};
}

Result<std::optional<AccessKey>> KeyFile::Find(std::string_view key_id) {
  const base::MutexLock lock(mutex_);
  const auto found = content_.keys.find(key_id);
  if (found == content_.keys.end()) return std::optional<AccessKey>();
  return std::optional<AccessKey>(found->second);
}

// A file keeps no such thing; the audit log has each use.
void KeyFile::Used(std::string_view, Clock::Wall) {}

std::optional<statements::CallerLimits> KeyFile::MayUse(std::string_view user, std::string_view connection) {
  const base::MutexLock lock(mutex_);
  const auto found = content_.grants.find({std::string(user), std::string(connection)});
  if (found == content_.grants.end()) return std::nullopt;
  return found->second;
}

}  // namespace berth::dataapi
