#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <cerrno>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "dataapi/asio_core.h"

namespace berth::dataapi {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using ErrorCodeOf = boost::system::error_code;

constexpr std::size_t kFirstRead = 4096;             // bytes asked for while a connection is idle
constexpr std::size_t kSmallAnswer = 64 * 1024;      // bytes of a body up to which it is written at once
constexpr std::size_t kSmallBody = 64 * 1024;        // bodies up to here do not count towards bodies_bytes_max
constexpr std::chrono::milliseconds kLinger{1'000};  // for the client to close its end after the last answer
constexpr unsigned kHttp11 = 11;

// How much of an answer is handed to the socket at once. Asio's own measure is 64 KiB, and the client was woken, and
// this thread called, sixteen times for a page of a result.
constexpr std::size_t kWriteAtOnce = 4 * 1024 * 1024;

std::size_t WholeAtOnce(const ErrorCodeOf& error, std::size_t) {
  return error ? 0 : kWriteAtOnce;
}

using Plain = beast::tcp_stream;
using Tls = beast::ssl_stream<beast::tcp_stream>;

// What the handler answers through: once, and with InternalFailure if it never does.
class ReplyOnce {
 public:
  ReplyOnce(std::shared_ptr<HttpCore> core, std::uint64_t session) : core_(std::move(core)), session_(session) {}
  ReplyOnce(const ReplyOnce&) = delete;
  ReplyOnce& operator=(const ReplyOnce&) = delete;
  ~ReplyOnce() {
    if (!done_.load()) core_->Deliver(session_, core_->refuser(InternalFailure("The request was dropped")));
  }
  void operator()(HttpResponse response) {
    if (!done_.exchange(true)) core_->Deliver(session_, std::move(response));
  }

 private:
  std::shared_ptr<HttpCore> core_;
  std::uint64_t session_;
  std::atomic<bool> done_ = false;
};

// One connection: reads a request, hands it on, waits for the answer, writes it, and so on. All of it on one thread.
template <class Stream>
class Session final : public HttpSession, public std::enable_shared_from_this<Session<Stream>> {
 public:
  template <class... Tls>
  Session(HttpCore& core, std::uint64_t id, tcp::socket socket, Tls&... tls)
      : core_(core),
        id_(id),
        stream_(std::move(socket), tls...),
        timer_(stream_.get_executor()),
        limit_timer_(stream_.get_executor()) {
    ErrorCodeOf error;
    const auto peer = beast::get_lowest_layer(stream_).socket().remote_endpoint(error);
    if (!error) peer_ = peer.address().to_string();
  }
  ~Session() override { ReleaseBody(); }

  void Run() override {
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] { self->Begin(); });
  }
  // The session waits for its answer and does nothing with its socket meanwhile: so a small one is written at once, on
  // the thread that made it, and the client has it one switch of threads sooner.
  void Send(HttpResponse response) override {
    if constexpr (!kTls) {
      const bool small = !response.file && response.body.size() <= kSmallAnswer;
      if (small && response.hold.count() == 0 && WriteNow(response)) return;
    }
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this(), response = std::move(response)]() mutable {
      if (response.hold.count() == 0) return self->Write(std::move(response));
      self->timer_.expires_after(response.hold);
      self->timer_.async_wait(
          [self, response = std::move(response)](ErrorCodeOf) mutable { self->Write(std::move(response)); });
    });
  }
  void CloseIfIdle() override {
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
      if (self->idle_) self->End();
    });
  }
  void Abandon() override {
    const base::MutexLock lock(socket_mutex_);
    beast::get_lowest_layer(stream_).close();
  }

 private:
  static constexpr bool kTls = std::is_same_v<Stream, Tls>;

  template <class Handler>
  auto Then(Handler handler) {
    return [self = this->shared_from_this(), handler](ErrorCodeOf error, std::size_t count) {
      (self.get()->*handler)(error, count);
    };
  }
  // Beyond it the connection is closed. A timer for each wait would be set and cancelled four times a statement; this
  // one goes on where the limit has moved, and looks again.
  void Limit(std::chrono::milliseconds wait) {
    limit_ = Clock::System().Now() + wait;
    if (limit_ < watched_until_) Watch();
  }
  void NoLimit() { limit_ = Clock::Steady::max(); }
  void Watch() {
    watched_until_ = limit_;
    limit_timer_.expires_at(limit_);
    limit_timer_.async_wait([self = this->shared_from_this()](ErrorCodeOf error) {
      if (error || self->ended_) return;
      self->watched_until_ = Clock::Steady::max();
      if (self->limit_ == Clock::Steady::max()) return;
      if (Clock::System().Now() < self->limit_) return self->Watch();
      beast::get_lowest_layer(self->stream_).cancel();  // what is under way ends with an error
    });
  }
  // Beyond it what is being read is given up, and the client is told so.
  void LimitRead(std::chrono::milliseconds wait) {
    NoLimit();
    timer_.expires_after(wait);
    timer_.async_wait([self = this->shared_from_this(), reading = ++reading_](ErrorCodeOf error) {
      if (error || reading != self->reading_) return;
      self->too_slow_ = true;
      beast::get_lowest_layer(self->stream_).cancel();
    });
  }
  void EndRead() {
    ++reading_;
    timer_.cancel();
  }

  void Begin() {
    if constexpr (kTls) {
      Limit(core_.options.header_wait_max);
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](ErrorCodeOf error) {
        if (error) return self->End();
        self->AwaitRequest();
      });
    } else {
      AwaitRequest();
    }
  }

  // The first byte may take long, the rest of the headers may not.
  void AwaitRequest() {
    NoLimit();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(core_.options.header_bytes_max));
    parser_->body_limit(core_.options.body_bytes_max);
    if (buffer_.size() > 0) return ReadHeader();
    idle_ = true;
    Limit(served_any_ ? core_.options.idle_max : core_.options.header_wait_max);
    stream_.async_read_some(buffer_.prepare(kFirstRead), Then(&Session::OnFirstBytes));
  }
  void OnFirstBytes(ErrorCodeOf error, std::size_t count) {
    idle_ = false;
    if (error) return End();
    NoLimit();
    buffer_.commit(count);
    ReadHeader();
  }
  // Most requests have come whole with their first bytes: they are read without a wait, and without a timer for it.
  void ReadHeader() {
    const auto error = Parse();
    if (parser_->is_header_done()) return OnHeader({}, 0);
    if (error && error != http::error::need_more) return OnHeader(error, 0);
    LimitRead(core_.options.header_wait_max);
    http::async_read_header(stream_, buffer_, *parser_, Then(&Session::OnHeader));
  }

  // The headers, or what of the body is there.
  ErrorCodeOf Parse() {
    ErrorCodeOf error = http::error::need_more;
    if (buffer_.size() > 0) buffer_.consume(parser_->put(buffer_.data(), error));
    return error;
  }

  void OnHeader(ErrorCodeOf error, std::size_t) {
    EndRead();
    if (error) return OnReadError(error, "the headers");
    if (parser_->chunked()) return Refuse(MalformedHttp("Transfer-Encoding is not taken; send Content-Length"));
    const auto length = parser_->content_length().value_or(0);
    if (length > core_.options.body_bytes_max) return OnReadError(http::error::body_limit, "");
    if (!TakeBody(length)) {
      return Refuse(Throttled("The service reads too many large requests at this moment; try again"));
    }
    if (parser_->get().find(http::field::expect) == parser_->get().end()) return ReadBody();
    if (!beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
      return Refuse(MalformedHttp("Expect can only be 100-continue"));
    }
    go_on_.emplace(http::status::continue_, kHttp11);
    Limit(core_.options.write_wait_max);
    http::async_write(stream_, *go_on_, Then(&Session::OnGoOn));
  }
  void OnGoOn(ErrorCodeOf error, std::size_t) {
    if (error) return End();
    NoLimit();
    ReadBody();
  }
  void ReadBody() {
    const auto error = parser_->is_done() ? ErrorCodeOf() : Parse();
    if (parser_->is_done()) return OnBody({}, 0);
    if (error && error != http::error::need_more) return OnBody(error, 0);
    LimitRead(core_.options.body_wait_max);
    http::async_read(stream_, buffer_, *parser_, Then(&Session::OnBody));
  }
  void OnBody(ErrorCodeOf error, std::size_t) {
    EndRead();
    if (error) return OnReadError(error, "the body");  // from here on the time is the handler's to limit
    auto message = parser_->release();
    last_ = !message.keep_alive();
    HttpRequest request{.method = std::string(message.method_string()),
                        .target = std::string(message.target()),
                        .headers = {},
                        .body = std::move(message.body()),
                        .peer = peer_,
                        .tls = kTls};
    for (const auto& field : message) {
      request.headers.push_back({.name = base::ToLower({field.name_string().data(), field.name_string().size()}),
                                 .value = std::string(field.value())});
    }
    const auto once = std::make_shared<ReplyOnce>(core_.shared_from_this(), id_);
    try {
      core_.handler(std::move(request), [once](HttpResponse response) { (*once)(std::move(response)); });
    } catch (const std::exception& thrown) {
      log::Error("the service: a request ended in {}", thrown.what());
      (*once)(core_.refuser(InternalFailure("The request could not be answered")));
    }
  }

  void OnReadError(ErrorCodeOf error, std::string_view what) {
    if (too_slow_) return Refuse(TooSlow("The request came too slowly: " + std::string(what) + " took too long"));
    if (error == http::error::body_limit || error == http::error::header_limit) {
      const auto limit =
          error == http::error::body_limit ? core_.options.body_bytes_max : core_.options.header_bytes_max;
      return Refuse(TooLarge("The request is too large; the limit is " + std::to_string(limit) + " bytes"));
    }
    if (error.category() == http::make_error_code(http::error::bad_version).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message) {
      return Refuse(MalformedHttp("Not HTTP: " + error.message() + " in " + std::string(what)));
    }
    End();
  }

  // After it the connection is closed: what follows in the stream is not known.
  void Refuse(const Refusal& refusal) {
    last_ = true;
    Write(core_.refuser(refusal));
  }

  // Of an answer: all before its body.
  static std::string HeadOf(const HttpResponse& answer, bool keep_alive) {
    const auto reason = http::obsolete_reason(static_cast<http::status>(answer.status));
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + ' ' + std::string(reason.data(), reason.size());
    head += "\r\n";
    const auto add = [&head](std::string_view name, std::string_view value) {
      head.append(name).append(": ").append(value).append("\r\n");
    };
    if (!answer.content_type.empty()) add("Content-Type", answer.content_type);
    for (const auto& header : answer.headers) add(header.name, header.value);
    if (!keep_alive) add("Connection", "close");
    add("Content-Length", std::to_string((answer.file ? answer.file->length : 0) + answer.body.size()));
    return head += "\r\n";
  }
  void Write(HttpResponse answer) {
    ReleaseBody();
    keep_alive_ = !last_ && !core_.draining;
    head_ = HeadOf(answer, keep_alive_);
    body_ = std::move(answer.body);
    Limit(core_.options.write_wait_max);
    if constexpr (kTls) {
      WriteWhole(answer.file);
    } else {
      if (answer.file) {
        file_ = std::move(answer.file);
        return WriteFile({});
      }
      const std::array<asio::const_buffer, 2> whole = {asio::buffer(head_), asio::buffer(body_)};
      asio::async_write(stream_, whole, WholeAtOnce, Then(&Session::OnWritten));
    }
  }
  // For TLS, which has to see all bytes, and as one buffer: of two, Boost 1.81 sends the first and nothing of the
  // second if that is larger than 16 KiB.
  void WriteWhole(const std::optional<base::FileRange>& file) {
    if (file) {
      const auto bytes = base::Read(*file);
      if (!bytes) return End();
      head_ += *bytes;
    }
    head_ += body_;
    asio::async_write(stream_, asio::buffer(head_), WholeAtOnce, Then(&Session::OnWritten));
  }
  // Head and file as the socket takes them, then the body. The file's bytes go to the socket from where the kernel has
  // them: copying them here and there again took longer than all else of a page.
  void WriteFile(ErrorCodeOf error) {
    auto& socket = beast::get_lowest_layer(stream_).socket();
    if (!error) socket.native_non_blocking(true, error);
    while (!error && (!head_.empty() || file_->length > 0)) {
      const auto sent = head_.empty() ? SendFile(socket.native_handle()) : SendHead(socket.native_handle());
      if (sent > 0 || (sent < 0 && errno == EINTR)) continue;
      if (sent == 0) return End();  // the file has become shorter
      // A file system that has no sendfile().
      if (errno == EINVAL || errno == ENOSYS) return WriteWhole(std::exchange(file_, std::nullopt));
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return socket.async_wait(tcp::socket::wait_write,
                                 [self = this->shared_from_this()](ErrorCodeOf waited) { self->WriteFile(waited); });
      }
      error.assign(errno, boost::system::system_category());
    }
    file_.reset();
    if (error) return OnWritten(error, 0);
    asio::async_write(stream_, asio::buffer(body_), WholeAtOnce, Then(&Session::OnWritten));
  }
  ssize_t SendHead(int socket) {
    const auto sent = ::send(socket, head_.data(), head_.size(), MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
    if (sent > 0) head_.erase(0, static_cast<std::size_t>(sent));
    return sent;
  }
  ssize_t SendFile(int socket) {
    auto offset = static_cast<off_t>(file_->offset);
    const auto sent = ::sendfile(socket, file_->file->get(), &offset, file_->length);
    if (sent > 0) {
      file_->offset += static_cast<std::uint64_t>(sent);
      file_->length -= static_cast<std::uint64_t>(sent);
    }
    return sent;
  }
  // False: nothing was written, as it would have to wait.
  bool WriteNow(const HttpResponse& answer) {
    const bool keep_alive = !last_ && !core_.draining;
    std::string bytes = HeadOf(answer, keep_alive) + answer.body;
    ReleaseBody();
    ssize_t sent = -1;
    {
      const base::MutexLock lock(socket_mutex_);
      auto& socket = beast::get_lowest_layer(stream_).socket();
      if (!socket.is_open()) return false;
      sent = ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    if (sent <= 0) return false;
    // Not on this thread, and not within the handler: requests that have come already would be answered ever deeper.
    asio::post(stream_.get_executor(),
               [self = this->shared_from_this(), keep_alive, sent, bytes = std::move(bytes)]() mutable {
                 self->keep_alive_ = keep_alive;
                 self->head_ = std::move(bytes);
                 const auto whole = asio::buffer(self->head_);
                 if (static_cast<std::size_t>(sent) == whole.size()) return self->OnWritten({}, whole.size());
                 self->Limit(self->core_.options.write_wait_max);
                 asio::async_write(self->stream_, whole + static_cast<std::size_t>(sent), WholeAtOnce,
                                   self->Then(&Session::OnWritten));
               });
    return true;
  }
  void OnWritten(ErrorCodeOf error, std::size_t) {
    const bool go_on = !error && keep_alive_;
    file_.reset();
    head_ = body_ = std::string();  // may have been a page of a result
    served_any_ = true;
    if (go_on) return AwaitRequest();
    if (error) return End();
    ErrorCodeOf ignored;
    beast::get_lowest_layer(stream_).socket().shutdown(tcp::socket::shutdown_send, ignored);
    Limit(kLinger);
    Linger({}, 0);
  }
  // A socket that is closed while the client still sends takes the last answer with it: so what comes is read and
  // dropped, for a while, until the client has closed its end.
  void Linger(ErrorCodeOf error, std::size_t) {
    if (error) return End();
    buffer_.clear();
    beast::get_lowest_layer(stream_).async_read_some(buffer_.prepare(kFirstRead), Then(&Session::Linger));
  }

  void End() {
    if (std::exchange(ended_, true)) return;
    idle_ = false;
    EndRead();
    limit_timer_.cancel();
    beast::get_lowest_layer(stream_).close();
    ReleaseBody();
    core_.Forget(id_);
  }

  bool TakeBody(std::uint64_t length) {
    if (length <= kSmallBody) return true;
    if (core_.body_bytes.fetch_add(length) + length <= core_.options.bodies_bytes_max) {
      body_taken_ = length;
      return true;
    }
    core_.body_bytes.fetch_sub(length);
    return false;
  }
  void ReleaseBody() { core_.body_bytes.fetch_sub(std::exchange(body_taken_, 0)); }

  HttpCore& core_;
  const std::uint64_t id_;
  Stream stream_;
  asio::steady_timer timer_;  // of LimitRead
  asio::steady_timer limit_timer_;
  Clock::Steady limit_ = Clock::Steady::max();
  Clock::Steady watched_until_ = Clock::Steady::max();  // by limit_timer_; max: it does not run
  std::uint64_t reading_ = 0;                           // which read it is for
  std::string peer_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::empty_body>> go_on_;
  base::Mutex socket_mutex_;             // between WriteNow() and Abandon()
  std::string head_, body_;              // of the answer that is being written
  std::optional<base::FileRange> file_;  // between the two, what is left of it
  std::size_t body_taken_ = 0;
  bool keep_alive_ = true;   // after the answer that is being written
  bool idle_ = false;        // waits for a first byte
  bool last_ = false;        // the client said so
  bool served_any_ = false;  // it has had an answer
  bool too_slow_ = false;
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<HttpSession> NewPlainSession(HttpCore& core, std::uint64_t id, tcp::socket socket) {
  return std::make_shared<Session<Plain>>(core, id, std::move(socket));
}

std::shared_ptr<HttpSession> NewTlsSession(HttpCore& core, std::uint64_t id, tcp::socket socket,
                                           const std::shared_ptr<asio::ssl::context>& tls) {
  // The context's SSL is counted by each of its connections, so that a reload can drop the context at once.
  return std::make_shared<Session<Tls>>(core, id, std::move(socket), *tls);
}

}  // namespace berth::dataapi
