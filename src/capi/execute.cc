#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capi/handles.h"

using berth::Result;
using berth::capi::DeadlineOf;
using berth::capi::Door;
using berth::capi::EngineOf;
using berth::capi::Known;
using berth::capi::ReadAll;
using berth::capi::Require;

namespace {

Result<std::vector<std::optional<std::string>>> Copied(const berth_text* parameters, std::size_t count) {
  BERTH_TRY(Require(count == 0 || parameters != nullptr, "the list of parameters"));
  std::vector<std::optional<std::string>> copied;
  copied.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& parameter = parameters[i];
    copied.emplace_back(parameter.data == nullptr
                            ? std::nullopt
                            : std::optional<std::string>(std::in_place, parameter.data, parameter.length));
  }
  return copied;
}

// What was run, to the caller; where he wants no rows, they are read here.
Result<int> HandOver(berth::Outcome outcome, std::shared_ptr<berth::capi::EngineState> engine,
                     std::shared_ptr<berth::capi::ConversationState> conversation, berth_rows** rows) {
  if (rows == nullptr) {
    BERTH_TRY(ReadAll(*outcome));
    return BERTH_OK;
  }
  auto made = std::make_unique<berth_rows>();
  made->engine = std::move(engine);
  made->conversation = std::move(conversation);
  made->outcome = std::move(outcome);
  *rows = made.release();
  return BERTH_OK;
}

Result<berth_statement> Read(const berth_statement* statement) {
  BERTH_ASSIGN(const auto known, Known(statement, offsetof(berth_statement, parameters)));
  BERTH_TRY(Require(known.text.data != nullptr, "the text"));
  return known;
}

}  // namespace

namespace berth::capi {

Status ReadAll(RowSource& rows) {
  for (bool more = true; more;) {
    BERTH_ASSIGN(const auto row, rows.Next());
    if (row) continue;
    BERTH_ASSIGN(more, rows.NextResult());
  }
  return {};
}

Deadline DeadlineOf(std::int64_t timeout_ms) {
  constexpr std::int64_t kTimeoutMsMax = std::int64_t{1000} * 86'400 * 365;  // what is more is for ever
  if (timeout_ms <= 0 || timeout_ms > kTimeoutMsMax) return Deadline::Never();
  return Deadline::After(Clock::System(), std::chrono::milliseconds(timeout_ms));
}

}  // namespace berth::capi

extern "C" {

int berth_execute(berth_conversation* conversation, const berth_statement* statement, berth_rows** rows,
                  berth_error** error) {
  if (rows != nullptr) *rows = nullptr;
  return Door(EngineOf(conversation), error, [&]() -> Result<int> {
    BERTH_TRY(Require(conversation != nullptr, "the conversation"));
    BERTH_ASSIGN(const auto known, Read(statement));
    BERTH_ASSIGN(const auto parameters, Copied(known.parameters, known.parameter_count));
    const std::string_view text(known.text.data, known.text.length);
    const auto deadline = DeadlineOf(known.timeout_ms);
    auto& target = *conversation->state->conversation;
    BERTH_ASSIGN(auto outcome, known.pass != 0 ? target.Pass(text, parameters, deadline)
                                               : target.Execute(text, parameters, deadline));
    return HandOver(std::move(outcome), conversation->state->engine, conversation->state, rows);
  });
}

int berth_engine_execute(berth_engine* engine, const char* connection, const berth_statement* statement,
                         berth_rows** rows, berth_error** error) {
  if (rows != nullptr) *rows = nullptr;
  return Door(EngineOf(engine), error, [&]() -> Result<int> {
    BERTH_TRY(Require(engine != nullptr, "the engine"));
    BERTH_ASSIGN(const auto known, Read(statement));
    if (known.pass != 0) {
      return berth::Error{.code = berth::ErrorCode::kInvalidArgument,
                          .message = "pass is for a conversation's statements",
                          .hint = "Open a conversation, or write EXECUTE ON CONNECTION c AS $$ text $$."};
    }
    BERTH_ASSIGN(const auto parameters, Copied(known.parameters, known.parameter_count));
    BERTH_ASSIGN(auto outcome, engine->state->engine->Execute({known.text.data, known.text.length},
                                                              connection == nullptr ? std::string_view() : connection,
                                                              parameters, DeadlineOf(known.timeout_ms)));
    return HandOver(std::move(outcome), engine->state, nullptr, rows);
  });
}

int berth_prepare(berth_conversation* conversation, berth_text text, berth_prepared** prepared, berth_error** error) {
  if (prepared != nullptr) *prepared = nullptr;
  return Door(EngineOf(conversation), error, [&]() -> Result<int> {
    BERTH_TRY(Require(conversation != nullptr && prepared != nullptr && text.data != nullptr,
                      "the conversation, the text or where the prepared statement goes"));
    *prepared = new berth_prepared{conversation->state, std::string(text.data, text.length)};
    return BERTH_OK;
  });
}

int berth_prepared_execute(berth_prepared* prepared, const berth_text* parameters, size_t parameter_count,
                           int64_t timeout_ms, berth_rows** rows, berth_error** error) {
  if (rows != nullptr) *rows = nullptr;
  return Door(EngineOf(prepared), error, [&]() -> Result<int> {
    BERTH_TRY(Require(prepared != nullptr, "the prepared statement"));
    BERTH_ASSIGN(const auto copied, Copied(parameters, parameter_count));
    BERTH_ASSIGN(auto outcome, prepared->state->conversation->Execute(prepared->text, copied, DeadlineOf(timeout_ms)));
    return HandOver(std::move(outcome), prepared->state->engine, prepared->state, rows);
  });
}

void berth_prepared_close(berth_prepared* prepared) {
  delete prepared;
}

}  // extern "C"
