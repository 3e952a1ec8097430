#include "shell/history.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "base/strings.h"
#include "base/try.h"
#include "parser/redact.h"

namespace berth::shell {
namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, kOwnerOnly)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

Error Failed(std::string_view what, const std::string& path) {
  return Error{
      .code = ErrorCode::kInvalidArgument,
      .message = fmt::format("cannot {} the history {}: {}", what, path, std::generic_category().message(errno)),
      .hint = "The shell goes on without it."};
}

std::string Escape(std::string_view entry) {
  std::string line;
  for (const char c : entry) {
    if (c == '\\' || c == '\n') line += '\\';
    line += c == '\n' ? 'n' : c;
  }
  return line + '\n';
}

std::string Unescape(std::string_view line) {
  std::string entry;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      ++i;
      entry += line[i] == 'n' ? '\n' : line[i];
    } else {
      entry += line[i];
    }
  }
  return entry;
}

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// An entry that another shell appends between our reading and the rename is lost; that is all that can happen.
Status Rewrite(const std::string& path, const std::vector<std::string>& entries) {
  const std::string next = fmt::format("{}.{}", path, ::getpid());
  std::string bytes;
  for (const auto& entry : entries) bytes += Escape(entry);
  const File file(next, O_WRONLY | O_CREAT | O_TRUNC);
  if (file.fd() < 0 || !WriteAll(file.fd(), bytes) || ::rename(next.c_str(), path.c_str()) != 0) {
    auto error = Failed("rewrite", path);
    ::unlink(next.c_str());
    return error;
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> History::Load() const {
  std::vector<std::string> entries;
  const File file(path_, O_RDONLY);
  if (file.fd() < 0 && errno == ENOENT) return entries;
  if (file.fd() < 0) return Failed("read", path_);
  std::string text;
  std::array<char, 64 * 1024> chunk;
  while (true) {
    const auto got = ::read(file.fd(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", path_);
    if (got == 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
  }
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  std::size_t skip = lines > kEntriesMax ? lines - kEntriesMax : 0;
  std::string_view rest = text;
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    if (skip > 0) {
      --skip;
    } else {
      entries.push_back(Unescape(rest.substr(0, end)));
    }
    rest.remove_prefix(end + 1);
  }
  if (lines > 2 * kEntriesMax) BERTH_TRY(Rewrite(path_, entries));
  return entries;
}

Result<bool> History::Append(std::string_view statement) const {
  statement = base::Trim(statement);
  if (statement.empty() || statement.size() > kEntryBytesMax || parser::Redact(statement).held_secret) return false;
  const File file(path_, O_WRONLY | O_CREAT | O_APPEND);
  // The mode counts also where the file was there before.
  if (file.fd() < 0 || ::fchmod(file.fd(), kOwnerOnly) != 0 || !WriteAll(file.fd(), Escape(statement))) {
    return Failed("write", path_);
  }
  return true;
}

}  // namespace berth::shell
