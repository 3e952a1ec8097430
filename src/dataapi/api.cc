#include "dataapi/api.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "dataapi/answer.h"
#include "dataapi/decode.h"
#include "dataapi/encode.h"
#include "statements/connection_choice.h"

namespace berth::dataapi {
namespace {

using statements::StatementFacts;

// A statement has ended by then, whatever becomes of it: for waits that nobody else limits.
constexpr std::chrono::hours kStatementMax{25};

// The Go SDK closes its request as soon as the answer's head is there; where its writer has not noticed yet that all
// was written, it gives up the connection and a large body with it. A service in the same room is quick enough for
// that: one page in three was lost, and none with a pause of one millisecond.
constexpr std::chrono::milliseconds kGoPageHold{3};
constexpr std::string_view kGoSdk = "aws-sdk-go-v2/";

constexpr std::string_view kTargetHeader = "x-amz-target";

statements::Target TargetOf(const Request& request) {
  return {.cluster_identifier = request.cluster_identifier,
          .workgroup = request.workgroup_name,
          .secret_arn = request.secret_arn,
          .db_user = request.db_user,
          .database = request.database};
}

bool IsNamed(const ConnectionFacts& connection, const Request& request) {
  const auto is = [](const std::optional<std::string>& sent, const std::string& option, const std::string& name) {
    return sent && !sent->empty() && (*sent == name || *sent == option);
  };
  return is(request.cluster_identifier, connection.cluster_identifier, connection.name) ||
         is(request.workgroup_name, connection.workgroup, connection.name);
}

std::size_t Count(const std::optional<std::int64_t>& max_results) {
  return static_cast<std::size_t>(max_results.value_or(0));
}

bool IsRun(Operation operation) {
  return operation == Operation::kExecuteStatement || operation == Operation::kBatchExecuteStatement;
}

// What a statement that was not accepted hears. The service has an exception of its own for its own failures; clients
// try those and "it is stopping" again.
Refusal NotAccepted(Operation operation, const Error& error) {
  auto refusal = RefusalOf(error);
  if (error.code == ErrorCode::kUnavailable) return ServiceUnavailable(std::move(refusal.message));
  if (refusal.status < 500) return refusal;
  refusal.type =
      operation == Operation::kExecuteStatement ? "ExecuteStatementException" : "BatchExecuteStatementException";
  return refusal;
}

}  // namespace

struct Api::Exchange {
  Caller caller;
  Request request;
  std::optional<Refusal> form_of_target;
  Reply reply;
  std::string operation = "unknown";
  Clock::Steady began{};
  const Clock& clock;
  Metrics* metrics = nullptr;
  bool go_sdk = false;  // see kGoPageHold

  void Answer(std::string json) const { End("ok", AnswerOf(std::move(json))); }
  void AnswerPage(std::optional<base::FileRange> file, std::string json) const {
    auto answer = AnswerOf(std::move(json));
    answer.file = std::move(file);
    if (go_sdk) answer.hold = kGoPageHold;
    End("ok", std::move(answer));
  }
  void Refuse(Refusal refusal) const {
    if (refusal.type == "ResourceNotFoundException" && request.id) refusal.resource_id = *request.id;
    End(refusal.type, AnswerOf(refusal));
  }
  void Refuse(const Error& error) const { Refuse(RefusalOf(error)); }

 private:
  void End(std::string_view outcome, HttpResponse response) const {
    if (metrics != nullptr) metrics->Answered(operation, outcome, clock.Now() - began);
    reply(std::move(response));
  }
};

Api::Api(ApiOptions options, ApiParts parts) : options_(std::move(options)), parts_(parts) {}

void Api::Handle(const HttpRequest& message, Reply reply) {
  const auto exchange = std::make_shared<Exchange>(Exchange{
      .reply = std::move(reply), .began = parts_.clock.Now(), .clock = parts_.clock, .metrics = parts_.metrics});
  if (auto refused = Read(message, *exchange)) {
    if (parts_.audit != nullptr && refused->status == 403) {
      parts_.audit->TurnedAway(message.peer, exchange->operation, refused->message);
    }
    exchange->Refuse(*std::move(refused));
    return;
  }
  Dispatch(exchange);
}

std::optional<Refusal> Api::Read(const HttpRequest& message, Exchange& exchange) {
  const auto path = std::string_view(message.target).substr(0, message.target.find('?'));
  if (message.method != "POST" || path != "/") {
    return UnknownOperation("This is the Redshift Data API of berth: POST / with the header X-Amz-Target");
  }
  const auto* target = message.Find(kTargetHeader);
  const auto* agent = message.Find("user-agent");
  exchange.go_sdk = agent != nullptr && agent->find(kGoSdk) != std::string::npos;
  if (target == nullptr) return UnknownOperation("The header X-Amz-Target is needed: RedshiftData.<Operation>");
  const auto operation = OperationNamed(*target);
  if (operation) exchange.operation = NameOf(*operation);
  auto admitted = parts_.gate.Admit(message);
  if (auto* refused = std::get_if<Refusal>(&admitted)) return std::move(*refused);
  if (!operation) return UnknownOperation("X-Amz-Target names no operation of the Redshift Data API");
  exchange.caller = std::get<Caller>(std::move(admitted));
  return Decode(*operation, message.body, exchange.request, exchange.form_of_target);
}

void Api::Dispatch(const Shared& exchange) {
  switch (exchange->request.operation) {
    case Operation::kExecuteStatement:
    case Operation::kBatchExecuteStatement:
      return Run(exchange);
    case Operation::kDescribeStatement:
      return Describe(exchange);
    case Operation::kCancelStatement:
      return Cancel(exchange);
    case Operation::kGetStatementResult:
    case Operation::kGetStatementResultV2:
      return GetResult(exchange);
    case Operation::kListStatements:
      return ListStatements(exchange);
    case Operation::kListSessions:
      return ListSessions(exchange);
    case Operation::kListDatabases:
    case Operation::kListSchemas:
    case Operation::kListTables:
    case Operation::kDescribeTable:
      return ListWarehouse(exchange);
  }
}

Result<std::shared_ptr<const std::vector<ConnectionFacts>>> Api::Connections() {
  BERTH_ASSIGN(const auto version, parts_.engine.CatalogVersion());
  {
    const base::MutexLock lock(mutex_);
    if (connections_ != nullptr && connections_version_ == version) return connections_;
  }
  BERTH_ASSIGN(auto read, parts_.engine.Connections());
  auto made = std::make_shared<const std::vector<ConnectionFacts>>(std::move(read));
  const base::MutexLock lock(mutex_);
  connections_ = made;
  connections_version_ = version;
  return made;
}

std::variant<Api::Chosen, Refusal> Api::Choose(const Exchange& exchange) {
  if (exchange.request.session_id && IsRun(exchange.request.operation)) return OfSession(exchange);
  if (!options_.only_connection.empty()) return Chosen{.connection = options_.only_connection, .limits = {}};
  if (exchange.request.database == statements::kCatalogTarget) return OfCatalog(exchange);
  const auto connections = Connections();
  if (!connections.ok()) return RefusalOf(connections.error());
  const auto& user = exchange.caller.user;
  const auto may_use = [&](std::string_view name) { return parts_.permissions.MayUse(user, name).has_value(); };
  const auto& all = *connections.value();
  if (!all.empty() && std::none_of(all.begin(), all.end(), [&](const auto& one) { return may_use(one.name); })) {
    return AccessDenied(
        fmt::format("User: {} is not authorized to use any connection; an administrator grants it: "
                    "GRANT USAGE ON CONNECTION c TO SERVICE USER {}",
                    user, base::QuoteIdentifier(user)));
  }
  auto found = statements::ChooseConnection(all, TargetOf(exchange.request), may_use);
  if (!found.ok()) {
    auto wrong = WrongForm(exchange, all);
    return wrong ? *std::move(wrong) : RefusalOf(found.error());
  }
  auto limits = parts_.permissions.MayUse(user, found.value().name);
  if (!limits)
    return RefusalOf(
        Error{.code = ErrorCode::kInvalidArgument, .message = "Redshift endpoint doesn't exist in this region."});
  return Chosen{.connection = found.value().name, .limits = *limits};
}

// Of a ClusterIdentifier or WorkgroupName. Where something has that name, its form is not what is wrong.
std::optional<Refusal> Api::WrongForm(const Exchange& exchange, const std::vector<ConnectionFacts>& connections) {
  if (!exchange.form_of_target || !options_.only_connection.empty()) return std::nullopt;
  const bool named = std::any_of(connections.begin(), connections.end(), [&](const auto& one) {
    return IsNamed(one, exchange.request) && parts_.permissions.MayUse(exchange.caller.user, one.name);
  });
  return named ? std::nullopt : exchange.form_of_target;
}

// A list is filtered by it: where the list has something, something was named so.
std::optional<Refusal> Api::WrongFilter(const Exchange& exchange, bool found_any) {
  if (found_any || !exchange.form_of_target) return std::nullopt;
  const auto connections = Connections();
  return connections.ok() ? WrongForm(exchange, *connections.value()) : RefusalOf(connections.error());
}

// A kept session has its connection already; that its user may still use it is asked each time.
std::variant<Api::Chosen, Refusal> Api::OfSession(const Exchange& exchange) {
  const auto& user = exchange.caller.user;
  const auto connection = parts_.statements.ConnectionOfSession(user, *exchange.request.session_id);
  if (connection.empty()) return Chosen{};  // Submit says what is wrong with it
  auto limits = options_.only_connection.empty() ? parts_.permissions.MayUse(user, connection)
                                                 : std::optional(statements::CallerLimits{});
  if (!limits) return AccessDenied(fmt::format("User: {} may no longer use the connection of this session", user));
  return Chosen{.connection = connection, .limits = *limits};
}

// Berth's own catalog; which warehouse was named is echoed and means nothing.
std::variant<Api::Chosen, Refusal> Api::OfCatalog(const Exchange& exchange) {
  const auto& request = exchange.request;
  if (!IsRun(request.operation)) {
    return Invalid("Database system is Berth's catalog: SELECT from system.information_schema.tables lists its tables");
  }
  if (request.db_user || request.secret_arn) {
    return Invalid("Database system is Berth's catalog: DbUser and SecretArn do not go with it");
  }
  return Chosen{.connection = std::string(statements::kCatalogTarget), .limits = {}};
}

void Api::Run(const Shared& exchange) {
  if (stopping_) return exchange->Refuse(ServiceUnavailable("The service is stopping; try again"));
  auto chosen = Choose(*exchange);
  if (auto* refused = std::get_if<Refusal>(&chosen)) return exchange->Refuse(std::move(*refused));
  auto& request = exchange->request;
  const bool batch = request.operation == Operation::kBatchExecuteStatement;
  statements::SubmitRequest submit{.caller = exchange->caller.user,
                                   .caller_limits = std::get<Chosen>(chosen).limits,
                                   .connection = std::get<Chosen>(chosen).connection,
                                   .target = TargetOf(request),
                                   .is_batch = batch,
                                   .statement_name = request.statement_name.value_or(""),
                                   .client_token = request.client_token.value_or(""),
                                   .with_event = request.with_event.value_or(false),
                                   .session_id = request.session_id,
                                   .session_keep_alive_s = request.session_keep_alive_seconds};
  if (batch) {
    submit.sqls = *std::move(request.sqls);
  } else {
    submit.sqls.push_back(*std::move(request.sql));
  }
  if (request.execution_mode == "AUTO_COMMIT") submit.execution_mode = statements::ExecutionMode::kAutoCommit;
  if (request.result_format == "CSV") submit.result_format = statements::ResultFormat::kCsv;
  if (request.parameters) {
    for (auto& [name, value] : *request.parameters) submit.parameters.push_back({std::move(name), std::move(value)});
  }
  parts_.statements.Submit(std::move(submit), [this, exchange](Result<StatementFacts> submitted) {
    if (!submitted.ok()) return exchange->Refuse(NotAccepted(exchange->request.operation, submitted.error()));
    Accepted(exchange, submitted.value());
  });
}

void Api::Accepted(const Shared& exchange, const StatementFacts& facts) {
  Audit(exchange->caller, facts);
  if (!exchange->request.wait_time_seconds || statements::IsFinal(facts.progress.state)) {
    return exchange->Answer(EncodeSubmitted(facts));
  }
  const auto deadline = Deadline::After(parts_.clock, std::chrono::seconds(*exchange->request.wait_time_seconds));
  // It was accepted, so whatever happens now, its id is told.
  parts_.statements.Wait(exchange->caller.user, facts.id, deadline, [exchange, facts](Result<StatementFacts> waited) {
    exchange->Answer(EncodeSubmitted(waited.ok() ? waited.value() : facts));
  });
}

void Api::Audit(const Caller& caller, const StatementFacts& facts) {
  if (parts_.audit == nullptr) return;
  parts_.audit->Accepted(caller, facts);
  if (statements::IsFinal(facts.progress.state)) return parts_.audit->Ended(caller, facts);
  parts_.statements.Wait(caller.user, facts.id, Deadline::After(parts_.clock, kStatementMax),
                         [audit = parts_.audit, caller](Result<StatementFacts> ended) {
                           if (ended.ok()) audit->Ended(caller, ended.value());
                         });
}

void Api::Describe(const Shared& exchange) {
  const auto& request = exchange->request;
  const auto& user = exchange->caller.user;
  const auto facts = parts_.statements.Describe(user, *request.id);
  if (!facts.ok()) return exchange->Refuse(facts.error());
  const bool asked = request.wait_time_seconds.has_value();
  const std::chrono::milliseconds wait =
      asked ? std::chrono::seconds(*request.wait_time_seconds) : options_.hold_describe;
  const bool final = statements::IsFinal(facts.value().progress.state);
  if (wait.count() == 0 || (final && !facts.value().is_batch)) return exchange->Answer(EncodeDescribed(facts.value()));
  parts_.statements.Wait(user, *request.id, Deadline::After(parts_.clock, wait),
                         [exchange, asked, now = facts.value()](Result<StatementFacts> waited) {
                           if (!waited.ok() && asked) return exchange->Refuse(waited.error());
                           exchange->Answer(EncodeDescribed(waited.ok() ? waited.value() : now));
                         });
}

void Api::Cancel(const Shared& exchange) {
  const auto cancelled = parts_.statements.Cancel(exchange->caller.user, *exchange->request.id);
  if (!cancelled.ok()) return exchange->Refuse(cancelled.error());
  exchange->Answer(EncodeCancelled());
}

void Api::GetResult(const Shared& exchange) {
  const auto& wait = exchange->request.wait_time_seconds;
  if (!wait) return AnswerPage(exchange);
  parts_.statements.Wait(exchange->caller.user, *exchange->request.id,
                         Deadline::After(parts_.clock, std::chrono::seconds(*wait)),
                         [this, exchange](Result<StatementFacts> waited) {
                           if (!waited.ok()) return exchange->Refuse(waited.error());
                           AnswerPage(exchange);
                         });
}

void Api::AnswerPage(const Shared& exchange) {
  const bool second = exchange->request.operation == Operation::kGetStatementResultV2;
  const auto format = second ? statements::ResultFormat::kCsv : statements::ResultFormat::kJson;
  auto page = parts_.statements.Page(exchange->caller.user, *exchange->request.id,
                                     exchange->request.next_token.value_or(""), format);
  if (!page.ok()) return exchange->Refuse(page.error());
  auto file = std::move(page.value().file);
  const auto next = file ? page.value().next_token : std::nullopt;
  exchange->AnswerPage(std::move(file), EncodeResult(std::move(page).value(), second));
  // While the client takes this one.
  if (next) parts_.statements.LookAhead(exchange->caller.user, *exchange->request.id, *next, format);
}

void Api::ListStatements(const Shared& exchange) {
  const auto& request = exchange->request;
  statements::ListRequest list{.caller = exchange->caller.user,
                               .name_prefix = request.statement_name.value_or(""),
                               .cluster_identifier = request.cluster_identifier,
                               .workgroup = request.workgroup_name,
                               .database = request.database,
                               .max_results = Count(request.max_results),
                               .next_token = request.next_token.value_or("")};
  if (request.status) list.state = statements::StateOfName(*request.status);  // ALL is no state
  const auto page = parts_.statements.List(list);
  if (!page.ok()) return exchange->Refuse(page.error());
  if (auto wrong = WrongFilter(*exchange, !page.value().statements.empty())) return exchange->Refuse(*std::move(wrong));
  exchange->Answer(EncodeStatements(page.value()));
}

void Api::ListSessions(const Shared& exchange) {
  const auto& request = exchange->request;
  statements::SessionListRequest list{.caller = exchange->caller.user,
                                      .session_id = request.session_id,
                                      .cluster_identifier = request.cluster_identifier,
                                      .workgroup = request.workgroup_name,
                                      .database = request.database,
                                      .max_results = Count(request.max_results),
                                      .next_token = request.next_token.value_or("")};
  if (request.status == "AVAILABLE") list.status = statements::SessionStatus::kAvailable;
  if (request.status == "BUSY") list.status = statements::SessionStatus::kBusy;
  if (request.status == "CLOSED") list.status = statements::SessionStatus::kClosed;
  const auto page = parts_.statements.ListSessions(list);
  if (!page.ok()) return exchange->Refuse(page.error());
  if (auto wrong = WrongFilter(*exchange, !page.value().sessions.empty())) return exchange->Refuse(*std::move(wrong));
  exchange->Answer(EncodeSessions(page.value()));
}

void Api::ListWarehouse(const Shared& exchange) {
  // ConnectedDatabase is the one to log in to, where it is not the one to look at.
  auto& request = exchange->request;
  const auto described = request.database;
  if (request.connected_database) request.database = request.connected_database;
  auto chosen = Choose(*exchange);
  if (auto* refused = std::get_if<Refusal>(&chosen)) return exchange->Refuse(std::move(*refused));
  const bool table = request.operation == Operation::kDescribeTable;
  statements::ListingRequest listing{.caller = exchange->caller.user,
                                     .caller_limits = std::get<Chosen>(chosen).limits,
                                     .connection = std::get<Chosen>(chosen).connection,
                                     .database = options_.only_connection.empty() ? described : std::nullopt,
                                     .schema = table ? request.schema : request.schema_pattern,
                                     .table = table ? request.table : request.table_pattern,
                                     .max_results = Count(request.max_results),
                                     .next_token = request.next_token.value_or(""),
                                     .deadline = Deadline::After(parts_.clock, options_.listing_wait)};
  const auto answer = [exchange](auto encode) {
    return [exchange, encode](auto listed) {
      if (!listed.ok()) return exchange->Refuse(listed.error());
      exchange->Answer(encode(listed.value()));
    };
  };
  auto& service = parts_.statements;
  switch (request.operation) {
    case Operation::kListDatabases:
      return service.ListDatabases(std::move(listing),
                                   answer([](const auto& page) { return EncodeNames("Databases", page); }));
    case Operation::kListSchemas:
      return service.ListSchemas(std::move(listing),
                                 answer([](const auto& page) { return EncodeNames("Schemas", page); }));
    case Operation::kListTables:
      return service.ListTables(std::move(listing), answer([](const auto& page) { return EncodeTables(page); }));
    default:
      return service.DescribeTable(std::move(listing), answer([](const auto& page) { return EncodeColumns(page); }));
  }
}

}  // namespace berth::dataapi
