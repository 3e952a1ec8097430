#pragma once

#include <optional>
#include <string>
#include <utility>

#include "berth/berth.hpp"
#include "support/temp_dir.h"
#include "support/temp_postgres.h"

namespace berth::test {

// A catalog with the connection `c`, of two sessions, to this program's server.
struct CapiWorld {
  TempDir folder;
  cpp::Engine engine;

  explicit CapiWorld(cpp::LogSink log = {}, berth_log_level level = BERTH_LOG_WARN)
      : engine(cpp::Engine::Open({.catalog = Catalog(), .log = std::move(log), .log_level = level})) {
    auto& server = TempPostgres::Shared();
    engine.NewConversation().Run("CREATE REDSHIFT CONNECTION c CONNECTION_STRING = '" + server.JdbcUrl() +
                                 "' USER_NAME = '" + server.user() + "' PASSWORD = '" + server.password() +
                                 "' MAX_CONCURRENT_CONNECTIONS = 2");
  }
  std::string Catalog() const { return "sqlite:" + (folder / "catalog.db"); }
  cpp::Conversation On() const {
    auto conversation = engine.NewConversation();
    conversation.Use("c");
    return conversation;
  }
};

template <class Work>
std::optional<cpp::Error> Refusal(Work work) {
  try {
    work();
  } catch (const cpp::Error& error) {
    return error;
  }
  return std::nullopt;
}

}  // namespace berth::test
