#pragma once

#include <atomic>

#include "berth/engine.h"
#include "dataapi/http_message.h"
#include "dataapi/metrics.h"
#include "statements/statement_service.h"

namespace berth::dataapi {

// For who watches the service: /livez (the process answers), /readyz (it takes statements; 503 while it does not) and
// /metrics in Prometheus' text form. Safe from many threads.
class WatchPage {
 public:
  // All must outlive it.
  WatchPage(Engine& engine, statements::StatementService& statements, Metrics& metrics)
      : engine_(engine), statements_(statements), metrics_(metrics) {}

  HttpResponse Answer(const HttpRequest& request);
  void SetReady(bool ready) { ready_ = ready; }

 private:
  HttpResponse Ready();
  void Gather();
  void GatherPools();

  Engine& engine_;
  statements::StatementService& statements_;
  Metrics& metrics_;
  std::atomic<bool> ready_ = false;
};

}  // namespace berth::dataapi
