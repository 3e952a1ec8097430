#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/unique_fd.h"

namespace berth::base {

// Bytes of a file, which stays open for as long as somebody wants them.
struct FileRange {
  std::shared_ptr<const UniqueFd> file;
  std::uint64_t offset = 0, length = 0;
};

// Reads `count` bytes at `offset`. False: the file has not that many there, or cannot be read.
inline bool ReadAt(int file, std::uint64_t offset, char* to, std::size_t count) {
  while (count > 0) {
    const auto got = ::pread(file, to, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    offset += static_cast<std::uint64_t>(got);
    count -= static_cast<std::size_t>(got);
  }
  return true;
}

// Its bytes; nullopt: the file has become shorter, or cannot be read.
inline std::optional<std::string> Read(const FileRange& range) {
  std::string bytes(range.length, '\0');
  if (!ReadAt(range.file->get(), range.offset, bytes.data(), bytes.size())) return std::nullopt;
  return bytes;
}

}  // namespace berth::base
