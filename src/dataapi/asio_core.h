#pragma once

// Of http_server.cc and http_session.cc only: it brings Boost.Asio along, which takes seconds to compile.
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "dataapi/http_server.h"

namespace berth::dataapi {

// One open connection, as the server sees it.
class HttpSession {
 public:
  virtual ~HttpSession() = default;
  virtual void Run() = 0;
  virtual void Send(HttpResponse response) = 0;  // any thread
  virtual void CloseIfIdle() = 0;                // any thread
  virtual void Abandon() = 0;                    // once no thread of the server runs any more: closes the socket
};

// What the server's threads share. Each thread has an event loop of its own, and a session stays on one: threads that
// share a loop wake one another for each event. Sessions live in `sessions` and in the handlers of their loops; they
// refer to the Core, which outlives both: `loops` are destroyed before the rest.
struct HttpCore : std::enable_shared_from_this<HttpCore> {
  HttpServerOptions options;
  HttpServer::Handler handler;
  HttpServer::Refuser refuser;
  std::atomic<bool> draining = false;
  std::atomic<std::size_t> body_bytes = 0;  // of all requests under way

  mutable base::Mutex mutex;
  std::condition_variable quiet;  // no session is left
  std::uint64_t last_id BERTH_GUARDED_BY(mutex) = 0;
  std::unordered_map<std::uint64_t, std::shared_ptr<HttpSession>> sessions BERTH_GUARDED_BY(mutex);
  std::shared_ptr<boost::asio::ssl::context> tls BERTH_GUARDED_BY(mutex);  // null: plain
  std::vector<std::size_t> waiting_acceptors BERTH_GUARDED_BY(mutex);      // the connections' limit was reached

  std::vector<std::thread> threads;
  std::vector<std::unique_ptr<boost::asio::io_context>> loops;  // one a thread; constant once they run
  std::size_t next_loop = 0;                                    // the rest is of the first loop's thread alone
  std::vector<boost::asio::ip::tcp::acceptor> acceptors;
  std::unique_ptr<boost::asio::steady_timer> drain_timer;

  explicit HttpCore(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) loops.push_back(std::make_unique<boost::asio::io_context>(1));
    drain_timer = std::make_unique<boost::asio::steady_timer>(*loops.front());
  }

  Status LoadTls();
  void AcceptNext(std::size_t index);
  void CloseAcceptors();
  void Begin(boost::asio::ip::tcp::socket socket);
  void Forget(std::uint64_t id);
  // To the session of that number, if it is still there.
  void Deliver(std::uint64_t id, HttpResponse response);
  void CloseIdleOnes();
};

std::shared_ptr<HttpSession> NewPlainSession(HttpCore& core, std::uint64_t id, boost::asio::ip::tcp::socket socket);
std::shared_ptr<HttpSession> NewTlsSession(HttpCore& core, std::uint64_t id, boost::asio::ip::tcp::socket socket,
                                           const std::shared_ptr<boost::asio::ssl::context>& tls);

}  // namespace berth::dataapi
