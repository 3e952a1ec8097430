#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "berth/deadline.h"
#include "berth/error.h"
#include "dataapi/http_message.h"
#include "dataapi/listen.h"
#include "dataapi/refusal.h"

namespace berth::dataapi {

struct HttpServerOptions {
  std::size_t threads = 0;                            // 0: one a processor, 2 to 8
  std::size_t connections_max = 1000;                 // further ones wait in the kernel
  std::size_t header_bytes_max = 16 * 1024;           // request line and headers
  std::size_t body_bytes_max = 16 * 1024 * 1024;      // of one request
  std::size_t bodies_bytes_max = 128 * 1024 * 1024;   // of all requests that are being read or answered
  std::chrono::milliseconds header_wait_max{10'000};  // from the first byte to the end of the headers
  std::chrono::milliseconds body_wait_max{60'000};    // for the body
  std::chrono::milliseconds write_wait_max{60'000};   // for the client to take an answer
  std::chrono::milliseconds idle_max{75'000};         // between requests of one connection
  std::string tls_certificate, tls_key;               // PEM files; both or none
};

struct HttpCore;

// HTTP/1.1 for the service: keep-alive, pipelined requests one after the other, every wait with a limit. It knows
// nothing of what the requests mean. Safe from many threads.
class HttpServer {
 public:
  // To be called once, from any thread, also long after the handler has returned. Dropped without a call, the client
  // gets InternalFailure.
  using Reply = std::function<void(HttpResponse)>;
  // Called on one of the server's threads; must not block for long.
  using Handler = std::function<void(HttpRequest, Reply)>;
  // The answer to what is not HTTP, is too large or comes too slowly.
  using Refuser = std::function<HttpResponse(const Refusal&)>;

  // Errors: kInvalidArgument (certificate or key), kUnavailable (no threads).
  static Result<std::unique_ptr<HttpServer>> Start(HttpServerOptions options, std::vector<Listener> listeners,
                                                   Handler handler, Refuser refuser);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();  // Stop() at once

  // Closes the listening sockets; open connections go on, each answer says that it is the last one.
  void StopAccepting();
  // StopAccepting(), then waits until no request is under way or the deadline has come, and closes what is left.
  void Stop(Deadline deadline);
  // Reads certificate and key again, for connections from now on. Errors: kInvalidArgument; the old ones stay.
  Status ReloadCertificate();

  std::size_t connections() const;

 private:
  explicit HttpServer(std::shared_ptr<HttpCore> core);
  std::shared_ptr<HttpCore> core_;
};

}  // namespace berth::dataapi
