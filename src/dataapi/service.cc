#include "dataapi/service.h"

#include <atomic>
#include <utility>

#include "base/try.h"
#include "dataapi/answer.h"
#include "dataapi/catalog_access.h"
#include "dataapi/event_poster.h"
#include "dataapi/gate.h"
#include "dataapi/http_client.h"
#include "dataapi/metrics.h"
#include "dataapi/permissions.h"
#include "dataapi/watch_page.h"
#include "statements/statement_service.h"

namespace berth::dataapi {
namespace {

constexpr std::chrono::milliseconds kPostWait{10'000};        // for the URL of events to answer
constexpr std::chrono::milliseconds kLastAnswersWait{5'000};  // for clients to take their answers, once nothing runs

class ServiceImpl final : public Service {
 public:
  ServiceImpl(Engine& engine, const ServiceOptions& options, const Clock& clock)
      : clock_(clock),
        keeps_port_(options.keeps_port),
        engine_(engine),
        access_(options.signed_requests ? std::make_unique<CatalogAccess>(engine) : nullptr),
        permissions_(access_ != nullptr ? static_cast<Permissions&>(*access_) : all_permitted_),
        gate_(access_.get(), clock) {}

  Status Start(ServiceOptions options) {
    std::optional<HttpUrl> url;
    if (!options.event_url.empty()) {
      BERTH_ASSIGN(url, ReadHttpUrl(options.event_url));
    }
    options.statements.engine = &engine_;
    options.statements.callers_known = options.signed_requests;
    BERTH_ASSIGN(statements_, statements::StatementService::Open(std::move(options.statements)));
    if (options.audit) {  // after the statements, which make the folder that it is in unless it was said
      BERTH_ASSIGN(audit_, AuditLog::Open(*std::move(options.audit), clock_));
    }
    api_ = std::make_unique<Api>(options.api, ApiParts{.engine = engine_,
                                                       .statements = *statements_,
                                                       .gate = gate_,
                                                       .permissions = permissions_,
                                                       .clock = clock_,
                                                       .audit = audit_.get(),
                                                       .metrics = &metrics_});
    watch_ = std::make_unique<WatchPage>(engine_, *statements_, metrics_);
    const auto refuse = [](const Refusal& refusal) { return AnswerOf(refusal); };
    if (!options.watch_listeners.empty()) {
      HttpServerOptions few{.threads = 1, .connections_max = 20, .body_bytes_max = 1024};
      BERTH_ASSIGN(watch_server_, HttpServer::Start(
                                      few, std::move(options.watch_listeners),
                                      [this](const HttpRequest& request, const HttpServer::Reply& reply) {
                                        reply(watch_->Answer(request));
                                      },
                                      refuse));
    }
    if (url) {
      poster_ = std::make_unique<EventPoster>(
          *statements_, [url = *url](const std::string& body) { return PostJson(url, body, kPostWait); }, clock_);
    }
    BERTH_ASSIGN(server_, HttpServer::Start(
                              std::move(options.http), std::move(options.listeners),
                              [this](const HttpRequest& request, HttpServer::Reply reply) {
                                api_->Handle(request, std::move(reply));
                              },
                              refuse));
    watch_->SetReady(true);
    return {};
  }

  ~ServiceImpl() override { Stop(Deadline::At(Clock::Steady::min())); }

  std::vector<Error> Reload() override {
    std::vector<Error> errors;
    if (auto loaded = server_->ReloadCertificate(); !loaded.ok()) errors.push_back(std::move(loaded).TakeError());
    if (audit_ == nullptr) return errors;
    if (auto opened = audit_->Reopen(); !opened.ok()) errors.push_back(std::move(opened).TakeError());
    return errors;
  }

  void Stop(Deadline deadline) override {
    if (stopped_.exchange(true)) return;
    if (watch_ != nullptr) watch_->SetReady(false);
    if (api_ != nullptr) api_->StopTaking();
    // Where another process has the port already, new connections are its. Otherwise who polls must still get in.
    if (keeps_port_ && server_ != nullptr) server_->StopAccepting();
    if (statements_ != nullptr) statements_->Drain(deadline);
    if (server_ != nullptr) server_->Stop(Deadline::After(clock_, kLastAnswersWait));
    poster_.reset();
    if (watch_server_ != nullptr) watch_server_->Stop(Deadline::After(clock_, kLastAnswersWait));
  }

 private:
  const Clock& clock_;
  const bool keeps_port_;
  Engine& engine_;
  AllPermitted all_permitted_;
  const std::unique_ptr<CatalogAccess> access_;  // null: requests are not signed
  Permissions& permissions_;
  Gate gate_;
  Metrics metrics_;
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<Api> api_;  // the statements' callbacks go through it, so they are destroyed first
  std::unique_ptr<statements::StatementService> statements_;
  std::unique_ptr<WatchPage> watch_;
  std::unique_ptr<HttpServer> server_;
  std::unique_ptr<HttpServer> watch_server_;
  std::unique_ptr<EventPoster> poster_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Service>> Service::Start(Engine& engine, ServiceOptions options, const Clock& clock) {
  auto service = std::make_unique<ServiceImpl>(engine, options, clock);
  BERTH_TRY(service->Start(std::move(options)));
  return std::unique_ptr<Service>(std::move(service));
}

}  // namespace berth::dataapi
