#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "berth/engine.h"
#include "dataapi/audit_log.h"
#include "dataapi/caller.h"
#include "dataapi/gate.h"
#include "dataapi/http_message.h"
#include "dataapi/http_server.h"
#include "dataapi/metrics.h"
#include "dataapi/permissions.h"
#include "dataapi/refusal.h"
#include "dataapi/request.h"
#include "statements/statement_service.h"

namespace berth::dataapi {

struct ApiOptions {
  // --dev: whatever cluster, database, user or secret a request names, it runs here. Empty: the catalog decides.
  std::string only_connection;
  // Holds a DescribeStatement of a running statement up to that long, for clients that cannot send WaitTimeSeconds:
  // their polling loops end at once.
  std::chrono::milliseconds hold_describe{0};
  std::chrono::milliseconds listing_wait{25'000};  // for ListTables and the like, their wait for a session included
};

// What the API works with; all must outlive it. The last two may be null.
struct ApiParts {
  Engine& engine;
  statements::StatementService& statements;
  Gate& gate;
  Permissions& permissions;
  const Clock& clock;
  AuditLog* audit = nullptr;
  Metrics* metrics = nullptr;
};

// The operations of the Data API over HTTP messages: who asks, what for, and the answer in the service's form. Never
// answers with a status of 500 and above once a statement was accepted. Safe from many threads.
class Api {
 public:
  using Reply = HttpServer::Reply;

  Api(ApiOptions options, ApiParts parts);

  void Handle(const HttpRequest& message, Reply reply);
  // From now on no statement is taken (ServiceUnavailable); all else is answered as before.
  void StopTaking() { stopping_ = true; }

 private:
  struct Exchange;  // one request and the way to answer it
  using Shared = std::shared_ptr<Exchange>;
  struct Chosen {
    std::string connection;
    statements::CallerLimits limits;
  };

  std::optional<Refusal> Read(const HttpRequest& message, Exchange& exchange);
  void Dispatch(const Shared& exchange);
  void Run(const Shared& exchange);
  void Accepted(const Shared& exchange, const statements::StatementFacts& facts);
  void Describe(const Shared& exchange);
  void Cancel(const Shared& exchange);
  void GetResult(const Shared& exchange);
  void AnswerPage(const Shared& exchange);
  void ListStatements(const Shared& exchange);
  void ListSessions(const Shared& exchange);
  void ListWarehouse(const Shared& exchange);
  std::variant<Chosen, Refusal> Choose(const Exchange& exchange);
  std::variant<Chosen, Refusal> OfSession(const Exchange& exchange);
  std::variant<Chosen, Refusal> OfCatalog(const Exchange& exchange);
  std::optional<Refusal> WrongForm(const Exchange& exchange, const std::vector<ConnectionFacts>& connections);
  std::optional<Refusal> WrongFilter(const Exchange& exchange, bool found_any);
  Result<std::shared_ptr<const std::vector<ConnectionFacts>>> Connections();
  void Audit(const Caller& caller, const statements::StatementFacts& facts);

  const ApiOptions options_;
  const ApiParts parts_;
  std::atomic<bool> stopping_ = false;

  base::Mutex mutex_;
  std::int64_t connections_version_ BERTH_GUARDED_BY(mutex_) = -1;
  std::shared_ptr<const std::vector<ConnectionFacts>> connections_ BERTH_GUARDED_BY(mutex_);
};

}  // namespace berth::dataapi
