#pragma once

#include <cstddef>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/try.h"
#include "berth/berth.h"
#include "berth/engine.h"
#include "berth/error.h"

// What the C interface's pointers point at. What was made of something shares it, so that a host may close in any
// order.

struct berth_error {
  berth::Error error;
  std::string sqlstate;
};

namespace berth::capi {

struct EngineState {
  log::Level log_level = log::Level::kWarn;
  log::Sink log_sink;              // empty: nothing is logged
  std::unique_ptr<Engine> engine;  // last, so that it goes first
};

struct ConversationState {
  std::shared_ptr<EngineState> engine;
  SessionFacts session;                        // what berth_session's texts are read from
  std::unique_ptr<Conversation> conversation;  // last, so that it goes first
};

}  // namespace berth::capi

struct berth_engine {
  std::shared_ptr<berth::capi::EngineState> state;
};

struct berth_conversation {
  std::shared_ptr<berth::capi::ConversationState> state;
};

struct berth_prepared {
  std::shared_ptr<berth::capi::ConversationState> state;
  std::string text;
};

struct berth_rows {
  std::shared_ptr<berth::capi::EngineState> engine;
  std::shared_ptr<berth::capi::ConversationState> conversation;  // null: the engine's own execute
  berth::Outcome outcome;                                        // last, so that it goes first
  std::vector<berth_text> fields;
  bool at_end = false;  // of the current result: its tag is there
};

namespace berth::capi {

// Tells the caller of an error; its code.
int Fail(Error error, berth_error** out) noexcept;

// The C interface's door: no exception leaves it. `engine`: whose log it is; null: none yet.
template <class Work>
int Door(const EngineState* engine, berth_error** out, Work work) noexcept {
  if (out != nullptr) *out = nullptr;
  static const log::Sink kNobody;
  const log::ThreadSink scope(engine == nullptr ? log::Level::kOff : engine->log_level,
                              engine == nullptr ? kNobody : engine->log_sink);
  try {
    Result<int> result = work();
    if (result.ok()) return result.value();
    return Fail(std::move(result).TakeError(), out);
  } catch (const std::bad_alloc&) {
    return Fail({.code = ErrorCode::kResourceExhausted, .message = "out of memory", .sqlstate = "53200"}, out);
  } catch (const std::exception& exception) {
    return Fail({.code = ErrorCode::kInternal, .message = exception.what()}, out);
  }
}

// Null safe ways to the log of a handle.
template <class Handle>
const EngineState* EngineOf(const Handle* handle) {
  if (handle == nullptr) return nullptr;
  if constexpr (requires { handle->engine; }) {
    return handle->engine.get();
  } else if constexpr (requires { handle->state->log_level; }) {
    return handle->state.get();
  } else {
    return handle->state->engine.get();
  }
}

// A NULL where something must stand.
Status Require(bool there, const char* what);

// The caller's struct as far as he knows it, the rest zero. `least`: what every caller has to know.
template <class T>
Result<T> Known(const T* given, std::size_t least) {
  BERTH_TRY(Require(given != nullptr && given->struct_size >= least, "the struct, or its struct_size,"));
  T known{};
  std::memcpy(&known, given, given->struct_size < sizeof(T) ? given->struct_size : sizeof(T));
  return known;
}

inline std::string TextOr(const char* text, const char* otherwise) {
  return text == nullptr ? otherwise : text;
}

// Reads and forgets what is left of all results.
Status ReadAll(RowSource& rows);

Deadline DeadlineOf(std::int64_t timeout_ms);

}  // namespace berth::capi
