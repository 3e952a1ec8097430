#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "statements/statement_facts.h"

namespace berth::statements {

inline constexpr std::size_t kListPageMax = 100;  // statements or sessions on a page; 0 asks for as many

// A caller's own statements, the newest first.
struct ListRequest {
  std::string caller;
  std::optional<StatementState> state = StatementState::kFinished;  // nullopt: all
  std::string name_prefix;                                          // of the statement's name; case counts
  std::optional<std::string> cluster_identifier, workgroup, database;
  std::size_t max_results = 0;
  std::string next_token;  // empty: from the beginning
};
struct StatementPage {
  std::vector<StatementFacts> statements;  // without sub-statements
  std::optional<std::string> next_token;
};

enum class SessionStatus : std::uint8_t { kAvailable, kBusy, kClosed };

// A session that outlives its statements: temporary tables and settings stay in it.
struct KeptSession {
  std::string id;
  std::string caller, connection;
  Target target;
  SessionStatus status = SessionStatus::kAvailable;
  Clock::Wall created_at{}, updated_at{};
  std::int64_t keep_alive_s = 0;
  Clock::Wall ends_at{};                    // if nothing is run in it until then
  std::optional<std::string> statement_id;  // the one that it runs
};

// A caller's own sessions, the newest first.
struct SessionListRequest {
  std::string caller;
  std::optional<std::string> session_id;
  std::optional<SessionStatus> status;  // nullopt: available and busy ones
  std::optional<std::string> cluster_identifier, workgroup, database;
  std::size_t max_results = 0;
  std::string next_token;
};
struct SessionPage {
  std::vector<KeptSession> sessions;
  std::optional<std::string> next_token;
};

}  // namespace berth::statements
