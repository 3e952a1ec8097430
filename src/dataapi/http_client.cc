#include "dataapi/http_client.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <exception>
#include <optional>
#include <utility>

namespace berth::dataapi {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr unsigned kHttp11 = 11;
constexpr std::uint64_t kAnswerBytesMax = 64 * 1024;

Error Unreadable(std::string_view why) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("not a URL to post to: {}", why),
               .hint = "Write http://host:port/path or https://host/path."};
}

// One exchange: connect, for TLS the handshake, write, read. Each step calls the next; `error` is the first failure.
class Exchange {
 public:
  Exchange(HttpUrl url, const std::string& body) : url_(std::move(url)), resolver_(io_), stream_(io_, tls_) {
    request_.version(kHttp11);
    request_.method(http::verb::post);
    request_.target(url_.target);
    request_.set(http::field::host, url_.host + ":" + url_.port);
    request_.set(http::field::user_agent, "berth");
    request_.set(http::field::content_type, "application/json");
    request_.keep_alive(false);
    request_.body() = body;
    request_.prepare_payload();
    parser_.body_limit(kAnswerBytesMax);
  }

  Result<int> Run(std::chrono::milliseconds wait) {
    if (url_.tls) {
      tls_.set_default_verify_paths();
      stream_.set_verify_mode(asio::ssl::verify_peer);
      stream_.set_verify_callback(asio::ssl::host_name_verification(url_.host));
      // As SSL_set_tlsext_host_name, a macro with a cast of the old style.
      SSL_ctrl(stream_.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, url_.host.data());
    }
    Lowest().expires_after(wait);
    resolver_.async_resolve(url_.host, url_.port, [this](auto error, const auto& found) {
      if (Good(error)) Lowest().async_connect(found, [this](auto e, const auto&) { OnConnected(e); });
    });
    io_.run_for(wait);
    if (status_) return *status_;
    return Error{.code = ErrorCode::kUnavailable,
                 .message = fmt::format("no answer from {}:{}: {}", url_.host, url_.port,
                                        error_ ? error_.message() : "it took too long")};
  }

 private:
  beast::tcp_stream& Lowest() { return stream_.next_layer(); }
  bool Good(boost::system::error_code error) {
    if (error) error_ = error;
    return !error;
  }
  void OnConnected(boost::system::error_code error) {
    if (!Good(error)) return;
    if (!url_.tls) return Write(Lowest());
    stream_.async_handshake(asio::ssl::stream_base::client, [this](auto e) {
      if (Good(e)) Write(stream_);
    });
  }
  template <class Stream>
  void Write(Stream& stream) {
    http::async_write(stream, request_, [this, &stream](auto error, auto) {
      if (!Good(error)) return;
      http::async_read(stream, buffer_, parser_, [this](auto e, auto) {
        if (Good(e)) status_ = static_cast<int>(parser_.get().result_int());
      });
    });
  }

  HttpUrl url_;
  asio::io_context io_;
  asio::ssl::context tls_{asio::ssl::context::tls_client};
  tcp::resolver resolver_;
  beast::ssl_stream<beast::tcp_stream> stream_;
  http::request<http::string_body> request_;
  beast::flat_buffer buffer_;
  http::response_parser<http::string_body> parser_;
  boost::system::error_code error_;
  std::optional<int> status_;
};

}  // namespace

Result<HttpUrl> ReadHttpUrl(std::string_view text) {
  HttpUrl url;
  if (text.starts_with("https://")) {
    url.tls = true;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return Unreadable("it begins with neither http:// nor https://");
  }
  const auto path = std::min(text.find_first_of("/?#"), text.size());
  const auto authority = text.substr(0, path);
  url.target = text.substr(path, text.find('#') - path);
  if (url.target.empty() || url.target.front() != '/') url.target.insert(0, "/");
  if (authority.find('@') != std::string_view::npos) return Unreadable("a user and password in it are not sent");
  const auto bracket = authority.find(']');
  const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  url.host = authority.substr(0, colon);
  url.port = colon == std::string_view::npos ? (url.tls ? "443" : "80") : std::string(authority.substr(colon + 1));
  if (url.host.size() > 2 && url.host.front() == '[') url.host = url.host.substr(1, url.host.size() - 2);
  const bool number = !url.port.empty() && url.port.size() <= 5 &&
                      std::all_of(url.port.begin(), url.port.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (url.host.empty() || !number) return Unreadable("its host or port cannot be read");
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ') return Unreadable("it holds white space");
  }
  return url;
}

Result<int> PostJson(const HttpUrl& url, const std::string& body, std::chrono::milliseconds wait) {
  try {
    return Exchange(url, body).Run(wait);
  } catch (const std::exception& error) {
    return Error{.code = ErrorCode::kInternal, .message = fmt::format("posting to {}: {}", url.host, error.what())};
  }
}

}  // namespace berth::dataapi
