#include "bind/jdbc_url.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/strings.h"
#include "base/try.h"

namespace berth::bind {
namespace {

constexpr std::string_view kPrefix = "jdbc:redshift:";
constexpr auto kNone = std::string_view::npos;

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool AllDigits(std::string_view text) {
  return text.find_first_not_of("0123456789") == kNone;
}

// `piece` is a part of `url`, so that the error can point at it.
Error UrlError(std::string_view url, std::string_view piece, std::string message, std::string hint = {}) {
  return {.code = ErrorCode::kInvalidArgument,
          .message = std::move(message),
          .hint = hint.empty() ? std::string(kUrlForm) : std::move(hint),
          .span = SourceSpan{.offset = static_cast<std::uint32_t>(piece.data() - url.data()),
                             .length = static_cast<std::uint32_t>(piece.size())}};
}

struct Halves {
  std::string_view server, arguments;
};
// The driver cuts at the first '?', and only where there is none at the first ';'.
Halves CutArguments(std::string_view url) {
  auto at = url.find('?');
  if (at == kNone) at = url.find(';');
  if (at == kNone) return {url, url.substr(url.size())};
  return {url.substr(0, at), url.substr(at + 1)};
}

// The first <name> in `text` as people write placeholders; empty: there is none.
std::string_view FindPlaceholder(std::string_view text) {
  for (auto open = text.find('<'); open != kNone; open = text.find('<', open + 1)) {
    const auto close = text.find('>', open);
    if (close == kNone) break;
    const auto inside = text.substr(open + 1, close - open - 1);
    bool is_name = !inside.empty();
    for (const char c : inside) is_name = is_name && (IsLetterOrDigit(c) || c == '_' || c == '-' || c == ' ');
    if (is_name) return text.substr(open, close - open + 1);
  }
  return {};
}

// Other beginnings that people write; longest first where one begins another.
constexpr std::array<std::string_view, 8> kOtherPrefixes = {
    "jdbc:postgresql:", "jdbc:redshift", "postgresql:", "postgres:", "redshift:", "http:", "https:", "jdbc:"};

Status CheckPrefix(std::string_view url, std::string_view server) {
  if (server.starts_with(kPrefix)) return {};
  const auto head = server.substr(0, kPrefix.size());
  if (url.empty()) return UrlError(url, url, "the connection string is empty");
  if (base::EqualsIgnoreCase(head, kPrefix)) {
    return UrlError(url, head, "a connection string begins with jdbc:redshift: in lower case");
  }
  if (base::Trim(server).starts_with(kPrefix)) {
    return UrlError(url, head, "the connection string begins with white space");
  }
  for (const auto other : kOtherPrefixes) {
    if (!base::EqualsIgnoreCase(server.substr(0, other.size()), other)) continue;
    return UrlError(url, server.substr(0, other.size()),
                    fmt::format("a connection string begins with jdbc:redshift:, this one with {}", other));
  }
  return UrlError(url, url, "the connection string does not begin with jdbc:redshift:");
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// As java.net.URLDecoder: + is a space, %zz a byte of UTF-8. The text of `encoded` is never in the error: it may be
// secret.
Result<std::string> Decode(std::string_view url, std::string_view encoded, std::string_view what) {
  std::string out;
  for (std::size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      out += encoded[i] == '+' ? ' ' : encoded[i];
      continue;
    }
    const int high = i + 2 < encoded.size() ? HexValue(encoded[i + 1]) : -1;
    const int low = i + 2 < encoded.size() ? HexValue(encoded[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return UrlError(url, encoded.substr(i, 3),
                      fmt::format("a % in {} is not followed by two hexadecimal digits", what),
                      "Write a percent sign itself as %25.");
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (!base::IsValidUtf8(out))
    return UrlError(url, encoded, fmt::format("the %-escapes in {} are not valid UTF-8", what));
  if (out.find('\0') != kNone) return UrlError(url, encoded, fmt::format("{} holds %00, a NUL byte", what));
  return out;
}

// As Integer.parseInt, which takes a leading '+'.
std::optional<std::uint16_t> ParsePort(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

Error PortError(std::string_view url, std::string_view address, std::string_view port) {
  if (port.empty()) {
    return UrlError(url, address, "a port is missing after the ':' behind the host",
                    fmt::format("Leave the ':' out for port {}. {}", kPortDefault, kUrlForm));
  }
  return UrlError(url, port, fmt::format("the port {} is not a number from 1 to 65535", port.substr(0, 40)));
}

Result<HostPort> ReadAddress(std::string_view url, std::string_view address) {
  if (address.find('@') != kNone) {
    return UrlError(url, address, "user and password have no place before the host of a connection string",
                    fmt::format("Give them as USER_NAME and PASSWORD. {}", kUrlForm));
  }
  HostPort out;
  const auto colon = address.rfind(':');
  const auto bracket = address.rfind(']');
  auto host = address;
  if (colon != kNone && (bracket == kNone || bracket < colon)) {
    const auto text = address.substr(colon + 1);
    const auto port = ParsePort(text);
    if (!port) return PortError(url, address, text);
    out.port = *port;
    host = address.substr(0, colon);
  }
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  out.host = host;
  return out;
}

// host[:port]{,host[:port]}/database, after the "//".
Status ReadServer(std::string_view url, std::string_view text, JdbcUrl& out) {
  const auto slash = text.find('/');
  if (slash == kNone) {
    return UrlError(url, text, "the database is missing: no / stands behind the host of the connection string");
  }
  BERTH_ASSIGN(out.database, Decode(url, text.substr(slash + 1), "the database name"));
  auto addresses = text.substr(0, slash);
  const auto authority = addresses;
  while (addresses.ends_with(',')) addresses.remove_suffix(1);  // Java's split drops what is empty at the end
  if (addresses.empty() && !authority.empty())
    return UrlError(url, authority, "the host is missing in the connection string");
  for (bool more = true; more;) {
    const auto comma = addresses.find(',');
    BERTH_ASSIGN(auto address, ReadAddress(url, addresses.substr(0, comma)));
    out.hosts.push_back(std::move(address));
    more = comma != kNone;
    if (more) addresses.remove_prefix(comma + 1);
  }
  return {};
}

struct Endpoint {
  std::string_view first, second, region;
};
// first.second.region.<service>[-dev].amazonaws.com*, as the driver's patterns read it: `first` takes all it can.
std::optional<Endpoint> ReadEndpoint(std::string_view host, std::string_view service) {
  for (const std::string_view suffix : {".amazonaws.com", "-dev.amazonaws.com"}) {
    const auto at = host.rfind(std::string(service) + std::string(suffix));
    if (at == kNone || at < 1) continue;
    const auto labels = host.substr(0, at - 1);
    if (labels.size() < 5) continue;
    const auto region_dot = labels.rfind('.', labels.size() - 2);
    if (region_dot == kNone || region_dot < 3) continue;
    const auto first_dot = labels.rfind('.', region_dot - 2);
    if (first_dot == kNone || first_dot == 0) continue;
    return Endpoint{.first = labels.substr(0, first_dot),
                    .second = labels.substr(first_dot + 1, region_dot - first_dot - 1),
                    .region = labels.substr(region_dot + 1)};
  }
  return std::nullopt;
}

void InferFromHost(std::string_view host, JdbcUrl& out) {
  if (const auto cluster = ReadEndpoint(host, "redshift")) {
    out.cluster_id = cluster->first;
    out.region = cluster->region;
  } else if (const auto serverless = ReadEndpoint(host, "redshift-serverless")) {
    out.serverless_workgroup = serverless->first;
    out.serverless_account = serverless->second;
    out.region = serverless->region;
  }
}

// //host[:port|:region][/database][;arguments], after "iam:". Arguments found here replace those behind a '?'.
Status ReadIam(std::string_view url, std::string_view text, std::string_view& arguments, JdbcUrl& out) {
  out.iam = true;
  const auto after = text.starts_with("//") ? text.substr(2) : text.substr(0, 0);
  const auto host = after.substr(0, after.find_first_of(":/"));
  if (host.empty()) {
    return UrlError(url, text.empty() ? url : text, "the host is missing behind jdbc:redshift:iam:",
                    "The form is jdbc:redshift:iam://host:5439/database.");
  }
  auto rest = after.substr(host.size());
  std::string_view port;
  if (rest.starts_with(':')) {
    port = rest.substr(1, rest.find('/') - 1);
    rest.remove_prefix(1 + port.size());
  }
  if (!AllDigits(port)) {
    out.cluster_id = host;
    out.region = port;
  } else {
    BERTH_ASSIGN(auto address, ReadAddress(url, port.empty() ? host : after.substr(0, host.size() + 1 + port.size())));
    InferFromHost(address.host, out);
    out.hosts.push_back(std::move(address));
  }
  if (!rest.starts_with('/')) return {};
  const auto semicolon = rest.find(';');
  BERTH_ASSIGN(out.database,
               Decode(url, rest.substr(1, semicolon == kNone ? kNone : semicolon - 1), "the database name"));
  if (semicolon != kNone) arguments = rest.substr(semicolon + 1);
  return {};
}

Status ReadProperties(std::string_view url, std::string_view arguments, JdbcUrl& out) {
  while (!arguments.empty()) {
    const auto end = arguments.find_first_of(";&");
    const auto token = arguments.substr(0, end);
    arguments.remove_prefix(end == kNone ? arguments.size() : end + 1);
    if (token.empty()) continue;
    const auto equals = token.find('=');
    const auto key = base::ToLower(token.substr(0, equals));
    std::string value;
    if (equals != kNone) {
      BERTH_ASSIGN(value, Decode(url, token.substr(equals + 1), fmt::format("the property {}", key.substr(0, 40))));
    }
    out.properties[key] = std::move(value);
  }
  return {};
}

// Properties have the last word over what the host says.
void OverrideIam(JdbcUrl& out) {
  const std::pair<const char*, std::string*> fields[] = {{"clusterid", &out.cluster_id},
                                                         {"region", &out.region},
                                                         {"serverlessacctid", &out.serverless_account},
                                                         {"serverlessworkgroup", &out.serverless_workgroup}};
  for (const auto& [key, field] : fields) {
    if (const auto found = out.properties.find(key); found != out.properties.end()) *field = found->second;
  }
}

}  // namespace

Result<JdbcUrl> ParseJdbcUrl(std::string_view url) {
  if (url.size() > kUrlBytesMax) {
    return Error{
        .code = ErrorCode::kInvalidArgument,
        .message = fmt::format("the connection string has {} bytes; the limit is {}", url.size(), kUrlBytesMax)};
  }
  auto [server, arguments] = CutArguments(url);
  BERTH_TRY(CheckPrefix(url, server));
  if (const auto placeholder = FindPlaceholder(server); !placeholder.empty()) {
    return UrlError(url, placeholder, fmt::format("the placeholder {} is still in the connection string", placeholder),
                    fmt::format("Replace the placeholder {}, angle brackets included. {}", placeholder, kUrlForm));
  }
  const auto rest = server.substr(kPrefix.size());
  JdbcUrl out;
  if (rest.starts_with("iam:")) {
    BERTH_TRY(ReadIam(url, rest.substr(4), arguments, out));
  } else if (rest.starts_with("//")) {
    BERTH_TRY(ReadServer(url, rest.substr(2), out));
  } else {
    out.hosts.push_back({.host = "localhost", .port = kPortDefault});
    BERTH_ASSIGN(out.database, Decode(url, rest, "the database name"));
  }
  BERTH_TRY(ReadProperties(url, arguments, out));
  if (out.iam) OverrideIam(out);
  return out;
}

}  // namespace berth::bind
