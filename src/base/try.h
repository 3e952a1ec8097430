#pragma once

#include <utility>

// The two macros of this code base. Both return the error to the caller.
//   BERTH_TRY(transaction->Commit());
//   BERTH_ASSIGN(auto lease, pool->Acquire(deadline));
#define BERTH_TRY(expression)                                   \
  do {                                                          \
    if (auto berth_status = (expression); !berth_status.ok()) { \
      return std::move(berth_status).TakeError();               \
    }                                                           \
  } while (false)

#define BERTH_ASSIGN(target, expression) BERTH_ASSIGN_AS(BERTH_JOIN(berth_result_, __LINE__), target, expression)
#define BERTH_ASSIGN_AS(result, target, expression)       \
  auto result = (expression);                             \
  if (!result.ok()) return std::move(result).TakeError(); \
  target = std::move(result).value()
#define BERTH_JOIN(a, b) BERTH_JOIN_AGAIN(a, b)
#define BERTH_JOIN_AGAIN(a, b) a##b
