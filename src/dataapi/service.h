#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "berth/engine.h"
#include "berth/error.h"
#include "dataapi/api.h"
#include "dataapi/audit_log.h"
#include "dataapi/http_server.h"
#include "dataapi/listen.h"
#include "statements/service_options.h"

namespace berth::dataapi {

struct ServiceOptions {
  statements::ServiceOptions statements;  // its engine is the service's
  ApiOptions api;
  HttpServerOptions http;
  std::vector<Listener> listeners;
  std::vector<Listener> watch_listeners;  // for /livez, /readyz and /metrics; empty: they are not served
  bool keeps_port = false;                // somebody else holds the listening sockets: the next process serves already
  bool signed_requests = true;            // by the keys of the catalog's service users; false: --auth none
  std::optional<AuditLog::Options> audit;
  std::string event_url;  // empty: events stay in the outbox
};

// The whole of `berth serve`: the listeners, the API and the statements behind it. Safe from many threads.
class Service {
 public:
  // `engine` must outlive it. Errors: kInvalidArgument (an option), those of the statements' store, of the
  // listeners and of the audit log.
  static Result<std::unique_ptr<Service>> Start(Engine& engine, ServiceOptions options, const Clock& clock);
  virtual ~Service() = default;

  // Certificate and audit log are read or opened again; what could not be is told and stays as it was.
  virtual std::vector<Error> Reload() = 0;
  // No new statements; what runs may end until the deadline, and is described and fetched meanwhile; then the rest is
  // cancelled and the sockets are closed. Returns once that is done.
  virtual void Stop(Deadline deadline) = 0;
};

}  // namespace berth::dataapi
