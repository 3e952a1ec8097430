#pragma once

#include <condition_variable>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "berth/deadline.h"
#include "berth/error.h"
#include "pool/pooled_session.h"

namespace berth::pool {

// Who is to hold a session.
struct Claimant {
  int thread = 0;
  int processor = -1;  // on which the thread runs
  std::string_view label;
};

// A caller of Acquire who stands in line; lives on his stack. All under the pool's mutex.
struct Waiter {
  Clock::Steady since;  // when he came
  Claimant who;
  const std::function<void(const std::string&)>* waiting = nullptr;  // AcquireRequest::waiting
  Clock::Steady tell_at{};                                           // when it is called next

  std::condition_variable wake;
  PooledSession* session = nullptr;  // handed to him; he is out of the line
  std::optional<Error> error;        // his wait is over; he is out of the line

  Waiter* prev = nullptr;
  Waiter* next = nullptr;
};

}  // namespace berth::pool
