#include "dataapi/http_server.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <system_error>
#include <utility>

#include "base/block_signals.h"
#include "base/eagerness.h"
#include "base/log.h"
#include "base/try.h"
#include "dataapi/asio_core.h"

namespace berth::dataapi {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// After the listening sockets are closed: how long an idle connection may still send a request, which is answered with
// "this was the last one". A client that keeps connections open so never meets a closed one by surprise.
constexpr std::chrono::milliseconds kDrainIdle{2'000};
constexpr std::chrono::milliseconds kDrainLook{250};

// Of a request's work little may wait (for the disk, for another process's lock), so one thread is too few.
std::size_t ThreadCount(std::size_t wanted) {
  return wanted > 0 ? wanted : std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, 8);
}

// Looks for events before a thread goes to sleep; between two of them others have the processor.
constexpr int kLooks = 100;

// Where requests come one after the other, the next one is there before the thread has gone to sleep and been woken.
void LookFor(asio::io_context& loop, base::Eagerness& eagerness) {
  if (!eagerness.Due()) return;
  bool found = false;
  for (int looks = 0; looks < kLooks; ++looks) {
    if (loop.poll() > 0) {
      found = true;
      looks = 0;
    }
    if (!base::Eagerness::Yield(Clock::System())) return eagerness.Vain();
  }
  found ? eagerness.Paid() : eagerness.Vain();
}

// One thread of the server. What a handler of ours throws is a bug; the others go on.
void RunThread(asio::io_context& loop) {
  base::BlockSignals();                           // sendfile() has no flag against the one for a client that has gone
  const auto work = asio::make_work_guard(loop);  // until it is stopped
  base::Eagerness eagerness;
  while (true) {
    try {
      while (loop.run_one() > 0) LookFor(loop, eagerness);
      return;
    } catch (const std::exception& error) {
      log::Error("the service: {}", error.what());
    }
  }
}

}  // namespace

Status HttpCore::LoadTls() {
  if (options.tls_certificate.empty()) return {};
  try {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                         asio::ssl::context::no_tlsv1_1 | asio::ssl::context::single_dh_use);
    context->use_certificate_chain_file(options.tls_certificate);
    context->use_private_key_file(options.tls_key, asio::ssl::context::pem);
    const base::MutexLock lock(mutex);
    tls = std::move(context);
    return {};
  } catch (const boost::system::system_error& error) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("cannot use the certificate {} with the key {}: {}", options.tls_certificate,
                                        options.tls_key, error.what()),
                 .hint =
                     "--tls-cert is a PEM file of the certificate and those that vouch for it, --tls-key its "
                     "private key without a passphrase."};
  }
}

void HttpCore::AcceptNext(std::size_t index) {
  if (draining || !acceptors[index].is_open()) return;
  {
    const base::MutexLock lock(mutex);
    if (sessions.size() >= options.connections_max) {
      waiting_acceptors.push_back(index);
      return;
    }
  }
  auto& loop = *loops[next_loop++ % loops.size()];
  acceptors[index].async_accept(loop.get_executor(), [this, index](boost::system::error_code error, auto socket) {
    if (error == asio::error::operation_aborted) return;
    if (!error) {
      Begin(std::move(socket));
    } else {
      log::Warn("the service cannot accept a connection: {}", error.message());
    }
    AcceptNext(index);
  });
}

void HttpCore::Begin(tcp::socket socket) {
  boost::system::error_code ignored;
  static_cast<void>(socket.set_option(tcp::no_delay(true), ignored));
  std::shared_ptr<HttpSession> session;
  {
    const base::MutexLock lock(mutex);
    const auto id = ++last_id;
    session = tls ? NewTlsSession(*this, id, std::move(socket), tls) : NewPlainSession(*this, id, std::move(socket));
    sessions.emplace(id, session);
  }
  session->Run();
}

void HttpCore::Forget(std::uint64_t id) {
  std::vector<std::size_t> waiting;
  {
    const base::MutexLock lock(mutex);
    sessions.erase(id);
    waiting.swap(waiting_acceptors);
    if (sessions.empty()) quiet.notify_all();
  }
  for (const auto index : waiting) asio::post(*loops.front(), [this, index] { AcceptNext(index); });
}

void HttpCore::Deliver(std::uint64_t id, HttpResponse response) {
  std::shared_ptr<HttpSession> session;
  {
    const base::MutexLock lock(mutex);
    const auto found = sessions.find(id);
    if (found == sessions.end()) return;
    session = found->second;
  }
  session->Send(std::move(response));
}

void HttpCore::CloseAcceptors() {
  for (auto& acceptor : acceptors) {
    boost::system::error_code ignored;
    static_cast<void>(acceptor.close(ignored));
  }
  drain_timer->expires_after(kDrainIdle);
  drain_timer->async_wait([this](boost::system::error_code error) {
    if (!error) CloseIdleOnes();
  });
}

void HttpCore::CloseIdleOnes() {
  std::vector<std::shared_ptr<HttpSession>> all;
  {
    const base::MutexLock lock(mutex);
    for (const auto& [id, session] : sessions) all.push_back(session);
  }
  for (const auto& session : all) session->CloseIfIdle();
  if (all.empty()) return;
  drain_timer->expires_after(kDrainLook);
  drain_timer->async_wait([this](boost::system::error_code error) {
    if (!error) CloseIdleOnes();
  });
}

HttpServer::HttpServer(std::shared_ptr<HttpCore> core) : core_(std::move(core)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(HttpServerOptions options, std::vector<Listener> listeners,
                                                      Handler handler, Refuser refuser) {
  auto core = std::make_shared<HttpCore>(ThreadCount(options.threads));
  core->options = std::move(options);
  core->handler = std::move(handler);
  core->refuser = std::move(refuser);
  BERTH_TRY(core->LoadTls());
  try {
    for (auto& listener : listeners) {
      const auto protocol = listener.address.find(':') == std::string::npos ? tcp::v4() : tcp::v6();
      core->acceptors.emplace_back(*core->loops.front());
      core->acceptors.back().assign(protocol, listener.fd.get());
      listener.fd.Release();
    }
    for (std::size_t i = 0; i < core->acceptors.size(); ++i) {
      asio::post(*core->loops.front(), [core = core.get(), i] { core->AcceptNext(i); });
    }
    std::unique_ptr<HttpServer> server(new HttpServer(core));
    for (const auto& loop : core->loops) core->threads.emplace_back(RunThread, std::ref(*loop));
    return server;
  } catch (const std::system_error& error) {
    return Error{.code = ErrorCode::kUnavailable, .message = fmt::format("cannot serve: {}", error.what())};
  }
}

HttpServer::~HttpServer() {  // NOLINT(bugprone-exception-escape): what Stop() throws means that there is no memory
  Stop(Deadline::At(Clock::Steady::min()));
}

void HttpServer::StopAccepting() {
  if (core_->draining.exchange(true)) return;
  asio::post(*core_->loops.front(), [core = core_.get()] { core->CloseAcceptors(); });
}

void HttpServer::Stop(Deadline deadline) {
  if (core_->threads.empty()) return;
  StopAccepting();
  const auto& clock = Clock::System();
  {
    base::MutexLock lock(core_->mutex);
    while (!core_->sessions.empty() && !deadline.Passed(clock)) {
      clock.WaitUntil(core_->quiet, lock.native(), deadline.time());
    }
  }
  for (const auto& loop : core_->loops) loop->stop();
  for (auto& thread : core_->threads) thread.join();
  core_->threads.clear();
  std::unordered_map<std::uint64_t, std::shared_ptr<HttpSession>> left;
  {
    const base::MutexLock lock(core_->mutex);
    left.swap(core_->sessions);
  }
  for (const auto& [id, session] : left) session->Abandon();
}

Status HttpServer::ReloadCertificate() {
  return core_->LoadTls();
}

std::size_t HttpServer::connections() const {
  const base::MutexLock lock(core_->mutex);
  return core_->sessions.size();
}

}  // namespace berth::dataapi
