#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "berth/secret.h"

namespace berth::credentials {

inline constexpr std::chrono::milliseconds kCommandMax{10'000};   // for the program to print a password and end
inline constexpr std::size_t kCommandOutputBytesMax = 64u << 10;  // 64 KiB on its standard output
inline constexpr std::size_t kCommandErrorBytesMax = 1u << 10;    // of its standard error that an error shows
inline constexpr std::size_t kCommandWordsMax = 64;

// Cuts a command line into words at white space; double quotes keep white space within a word. There is no shell:
// nothing is expanded, and `;`, `|`, `$` are bytes like others. Errors: kInvalidArgument (no word, an open quote, too
// many words, a program without an absolute path).
Result<std::vector<std::string>> SplitCommand(std::string_view line);

// Runs the program with no standard input and this process's environment, and returns what it printed on standard
// output. It has a process group of its own, all of which is killed when its time is up. Errors: kUnauthenticated
// (28000): it could not be started, ended with another status than 0 (which; the first lines of its standard error),
// took longer than kCommandMax or the deadline, printed more than kCommandOutputBytesMax or nothing.
Result<Secret> RunCommand(const std::vector<std::string>& words, const Clock& clock, Deadline deadline);

}  // namespace berth::credentials
