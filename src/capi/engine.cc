#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

#include "capi/handles.h"

using berth::Result;
using berth::capi::ConversationState;
using berth::capi::Door;
using berth::capi::EngineOf;
using berth::capi::EngineState;
using berth::capi::Known;
using berth::capi::Require;
using berth::capi::TextOr;

namespace {

constexpr std::chrono::milliseconds kOpenWait{10'000};

berth::log::Level LevelOf(std::int32_t level) {
  switch (level) {
    case BERTH_LOG_DEBUG:
      return berth::log::Level::kDebug;
    case BERTH_LOG_INFO:
      return berth::log::Level::kInfo;
    case BERTH_LOG_ERROR:
      return berth::log::Level::kError;
    default:
      return berth::log::Level::kWarn;
  }
}

std::int32_t NumberOf(berth::log::Level level) {
  return static_cast<std::int32_t>(level) + BERTH_LOG_DEBUG;
}
static_assert(static_cast<int>(berth::log::Level::kError) + BERTH_LOG_DEBUG == BERTH_LOG_ERROR);

std::shared_ptr<EngineState> StateFor(const berth_open_options& options) {
  auto state = std::make_shared<EngineState>();
  state->log_level = LevelOf(options.log_level);
  if (options.log_sink != nullptr) {
    state->log_sink = [sink = options.log_sink, context = options.log_context](berth::log::Level level,
                                                                               std::string_view line) {
      sink(context, NumberOf(level), std::string(line).c_str());
    };
  }
  return state;
}

// `from` into what the caller has room for.
void Tell(const berth::SessionFacts& from, berth_session& out) {
  const berth_session whole{.struct_size = out.struct_size,
                            .connection = from.connection.c_str(),
                            .host = from.host.c_str(),
                            .database = from.database.c_str(),
                            .user = from.user.c_str(),
                            .server_version = from.server_version.c_str(),
                            .port = from.port,
                            .backend_pid = from.backend_pid,
                            .tls = from.tls ? 1 : 0,
                            .redshift = from.redshift ? 1 : 0};
  std::memcpy(&out, &whole, std::min(out.struct_size, sizeof whole));
}

}  // namespace

extern "C" {

const char* berth_version(void) {
  return BERTH_LIBRARY_VERSION;
}
int berth_abi_version(void) {
  return BERTH_ABI_VERSION;
}

int berth_engine_open(const berth_open_options* options, berth_engine** engine, berth_error** error) {
  if (engine != nullptr) *engine = nullptr;
  std::shared_ptr<EngineState> state;
  berth_open_options known{};
  const int read = Door(nullptr, error, [&]() -> Result<int> {
    BERTH_TRY(Require(engine != nullptr, "where the engine goes"));
    BERTH_ASSIGN(known, Known(options, offsetof(berth_open_options, key_file)));
    BERTH_TRY(Require(known.catalog != nullptr, "the catalog"));
    state = StateFor(known);
    return BERTH_OK;
  });
  if (read != BERTH_OK) return read;
  return Door(state.get(), error, [&]() -> Result<int> {
    berth::EngineOptions open{.catalog_uri = known.catalog,
                              .key_file = TextOr(known.key_file, ""),
                              .program = TextOr(known.program, "libberth"),
                              .catalog_open_max = kOpenWait};
    if (known.open_ms_max > 0) open.catalog_open_max = std::chrono::milliseconds(known.open_ms_max);
    BERTH_ASSIGN(state->engine, berth::Engine::Open(std::move(open)));
    *engine = new berth_engine{state};
    return BERTH_OK;
  });
}

void berth_engine_close(berth_engine* engine) {
  delete engine;
}

int berth_conversation_open(berth_engine* engine, berth_conversation** conversation, berth_error** error) {
  if (conversation != nullptr) *conversation = nullptr;
  return Door(EngineOf(engine), error, [&]() -> Result<int> {
    BERTH_TRY(Require(engine != nullptr && conversation != nullptr, "the engine or where the conversation goes"));
    auto state = std::make_shared<ConversationState>();
    state->engine = engine->state;
    state->conversation = engine->state->engine->NewConversation();
    *conversation = new berth_conversation{std::move(state)};
    return BERTH_OK;
  });
}

void berth_conversation_close(berth_conversation* conversation) {
  delete conversation;
}

int berth_conversation_use(berth_conversation* conversation, const char* connection, berth_error** error) {
  return Door(EngineOf(conversation), error, [&]() -> Result<int> {
    BERTH_TRY(Require(conversation != nullptr && connection != nullptr, "the conversation or the connection"));
    BERTH_TRY(conversation->state->conversation->Use(connection));
    return BERTH_OK;
  });
}

int berth_conversation_connect(berth_conversation* conversation, int64_t timeout_ms, berth_session* session,
                               berth_error** error) {
  return Door(EngineOf(conversation), error, [&]() -> Result<int> {
    BERTH_TRY(Require(conversation != nullptr, "the conversation"));
    BERTH_TRY(Require(session == nullptr || session->struct_size >= offsetof(berth_session, host),
                      "the struct_size of the session"));
    auto& state = *conversation->state;
    BERTH_ASSIGN(state.session, state.conversation->Connect(berth::capi::DeadlineOf(timeout_ms)));
    if (session != nullptr) Tell(state.session, *session);
    return BERTH_OK;
  });
}

void berth_conversation_cancel(berth_conversation* conversation) {
  if (conversation != nullptr) conversation->state->conversation->Cancel();
}

int berth_conversation_in_transaction(const berth_conversation* conversation) {
  if (conversation == nullptr) return 0;
  return conversation->state->conversation->state().transaction == berth::TransactionState::kNone ? 0 : 1;
}

void berth_conversation_set_notice_sink(berth_conversation* conversation, berth_notice_sink sink, void* context) {
  if (conversation == nullptr) return;
  berth::NoticeSink told;
  if (sink != nullptr) {
    told = [sink, context](const berth::Notice& notice) {
      sink(context, notice.severity.c_str(), notice.message.c_str(), notice.detail.c_str(), notice.hint.c_str());
    };
  }
  conversation->state->conversation->SetNoticeSink(std::move(told));
}

}  // extern "C"
