#include "serve/dev_url.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/try.h"

namespace berth::serve {
namespace {

Error Unreadable(std::string_view why) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("--dev: {}", why),
               .hint = "Write postgresql://user:password@host:port/database."};
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || HexDigit(text[i + 1]) < 0 || HexDigit(text[i + 2]) < 0) return std::nullopt;
    out += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
    i += 2;
  }
  return out;
}

bool IsLoopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

}  // namespace

Result<DevServer> ReadDevUrl(std::string_view url) {
  for (const std::string_view scheme : {"postgresql://", "postgres://", "redshift://"}) {
    if (!url.starts_with(scheme)) continue;
    url.remove_prefix(scheme.size());
    const auto question = std::min(url.find('?'), url.size());
    const auto query = url.substr(question);
    const auto path = std::min(url.substr(0, question).find('/'), question);
    const auto authority = url.substr(0, path);
    auto database = path < question ? std::string(url.substr(path + 1, question - path - 1)) : "";
    const auto at = authority.rfind('@');
    if (at == std::string_view::npos) return Unreadable("the user is missing");
    const auto login = authority.substr(0, at);
    const auto colon = login.find(':');
    const auto user = Decoded(login.substr(0, colon));
    auto password = Decoded(colon == std::string_view::npos ? "" : login.substr(colon + 1));
    auto host = std::string(authority.substr(at + 1));
    if (!user || user->empty() || !password || host.empty())
      return Unreadable("its user, password or host cannot be read");
    const auto bracket = host.rfind(']');
    const auto port = host.rfind(':');
    const bool has_port = port != std::string::npos && (bracket == std::string::npos || port > bracket);
    const auto name = has_port ? host.substr(0, port) : host;
    if (!has_port) host += ":5432";
    if (database.empty()) database = *user;
    std::string parameters(query);
    if (query.find("sslmode=") == std::string_view::npos && IsLoopback(name)) {
      parameters += parameters.empty() ? "?ssl=false" : "&ssl=false";
    }
    // A server that trusts its users asks for no password; a connection has one nevertheless.
    if (password->empty()) *password = "none";
    return DevServer{.connection_string = fmt::format("jdbc:redshift://{}/{}{}", host, database, parameters),
                     .user = *user,
                     .password = *std::move(password)};
  }
  return Unreadable("it does not begin with postgresql://");
}

}  // namespace berth::serve
