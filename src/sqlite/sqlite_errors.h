#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "berth/error.h"

namespace berth::sqlite {

// What SQLite said, as facts.
struct Failure {
  int extended_code = 0;
  int system_errno = 0;      // of the last system call that failed; 0: none did
  std::string_view message;  // sqlite3_errmsg
  std::string_view path;
  std::chrono::milliseconds waited{0};  // for a lock
};
Error ErrorOf(const Failure& failure);

}  // namespace berth::sqlite
