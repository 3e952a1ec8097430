#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"

namespace berth::shell {

// The statements of earlier shells, in a file that only its owner can read: one entry a line, \n and \\ for newline and
// backslash. Every entry is appended as it is made, so shells side by side lose nothing and a killed one little.
class History {
 public:
  static constexpr std::size_t kEntriesMax = 10'000;
  static constexpr std::size_t kEntryBytesMax = 64 * 1024;  // longer statements are not kept

  explicit History(std::string path) : path_(std::move(path)) {}

  // The newest entries, oldest first; none where there is no file. A file of more than twice kEntriesMax is cut down.
  Result<std::vector<std::string>> Load() const;
  // White space at both ends is dropped; what is empty, too long or holds a secret is not kept. True: it was.
  Result<bool> Append(std::string_view statement) const;

 private:
  std::string path_;
};

}  // namespace berth::shell
