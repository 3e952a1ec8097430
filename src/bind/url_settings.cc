#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_url.h"

namespace berth::bind {
namespace {

using std::chrono::milliseconds;

enum class PropertyKind : std::uint8_t { kHonoured, kPlace, kUser, kPassword, kKeyPassword, kSecret, kLogin, kIgnored };
struct Property {
  std::string_view name;
  PropertyKind kind = PropertyKind::kIgnored;
};
constexpr Property kProperties[] = {
#define BERTH_URL_PROPERTY(name, kind) {name, PropertyKind::k##kind},
#include "bind/url_properties.def"
#undef BERTH_URL_PROPERTY
};

const Property* FindProperty(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kProperties), std::end(kProperties),
                                         [&](const auto& known) { return known.name == name; });
  return found == std::end(kProperties) ? nullptr : found;
}

Error Refused(std::string message, std::string hint) {
  return {.code = ErrorCode::kInvalidArgument, .message = std::move(message), .hint = std::move(hint)};
}

// Also names that no driver knows but that say what they hold.
bool SoundsSecret(std::string_view name) {
  for (const std::string_view word : {"password", "passwd", "pwd", "passphrase", "secret", "token"}) {
    if (name.find(word) != std::string_view::npos && name != "token_type") return true;
  }
  return false;
}

// What may not stand in a connection string at all. Values are never repeated.
Status CheckAllowed(std::string_view name, std::string_view value) {
  const auto* const property = FindProperty(name);
  const auto kind = property != nullptr  ? property->kind
                    : SoundsSecret(name) ? PropertyKind::kSecret
                                         : PropertyKind::kIgnored;
  switch (kind) {
    case PropertyKind::kPlace:
      return Refused(fmt::format("the property {} would override what the connection string itself says", name),
                     std::string(kUrlForm));
    case PropertyKind::kUser:
      return Refused(fmt::format("the connection string holds a user (the property {})", name),
                     "Give it as USER_NAME = '..' and take it out of the connection string.");
    case PropertyKind::kPassword:
      return Refused(fmt::format("the connection string holds a password (the property {})", name),
                     "Give it as PASSWORD = '..' (or ENV '..', FILE '..') and take it out of the connection string.");
    case PropertyKind::kKeyPassword:
      return Refused(
          "the connection string holds the password of a key (the property sslpassword), which would be stored "
          "in clear",
          "Use a key file without a password that only its owner can read.");
    case PropertyKind::kSecret:
      return Refused(
          fmt::format("the connection string holds a secret (the property {}), which would be stored in clear",
                      name.substr(0, 40)),
          "Take it out of the connection string. A login takes USER_NAME and PASSWORD.");
    case PropertyKind::kLogin:
      if (base::EqualsIgnoreCase(value, "false")) return {};
      return Error{
          .code = ErrorCode::kNotSupported,
          .message = fmt::format("temporary credentials (the property {}) are not supported by this version", name),
          .hint = "Use USER_NAME and PASSWORD of a database user."};
    case PropertyKind::kHonoured:
    case PropertyKind::kIgnored:
      return {};
  }
  return {};
}

const std::string* Find(const JdbcUrl& url, const char* name) {
  const auto found = url.properties.find(name);
  return found == url.properties.end() ? nullptr : &found->second;
}

Error ValueError(std::string_view name, std::string_view value, std::string_view right) {
  return Refused(fmt::format("the property {} of the connection string cannot be '{}'", name, value.substr(0, 40)),
                 fmt::format("It is {}.", right));
}

// The empty value is true, as in the driver: ?ssl
Result<bool> ReadBoolean(const JdbcUrl& url, const char* name, bool otherwise) {
  const auto* const value = Find(url, name);
  if (value == nullptr) return otherwise;
  if (value->empty() || base::EqualsIgnoreCase(*value, "true")) return true;
  if (base::EqualsIgnoreCase(*value, "false")) return false;
  return ValueError(name, *value, "true or false");
}

Result<std::string> ReadSslMode(const JdbcUrl& url) {
  static constexpr std::array<std::string_view, 6> kModes = {"disable", "allow",     "prefer",
                                                             "require", "verify-ca", "verify-full"};
  BERTH_ASSIGN(const bool ssl, ReadBoolean(url, "ssl", true));
  for (const char* const name : {"sslmode", "authmech"}) {
    const auto* const value = Find(url, name);
    if (value == nullptr) continue;
    for (const auto mode : kModes) {
      if (base::EqualsIgnoreCase(*value, mode)) return std::string(mode);
    }
    return ValueError(name, *value, "disable, allow, prefer, require, verify-ca or verify-full");
  }
  return std::string(ssl ? "verify-full" : "disable");
}

Result<std::string> ReadPath(const JdbcUrl& url, const char* name) {
  const auto* const value = Find(url, name);
  if (value == nullptr) return std::string();
  if (!value->starts_with('/'))
    return ValueError(name, *value, "an absolute path: a connection is used from any folder");
  return *value;
}

Result<std::string> ReadText(const JdbcUrl& url, const char* name) {
  const auto* const value = Find(url, name);
  if (value == nullptr) return std::string();
  if (value->empty()) return ValueError(name, *value, "a text, or left out");
  return *value;
}

// Seconds, with a fraction where the driver takes one (loginTimeout is a float there). 0 is none, as in the driver.
Result<std::optional<milliseconds>> ReadSeconds(const JdbcUrl& url, const char* name) {
  const auto* const value = Find(url, name);
  if (value == nullptr) return std::optional<milliseconds>();
  double seconds = -1;
  const auto [end, error] =
      std::from_chars(value->data(), value->data() + value->size(), seconds, std::chars_format::fixed);
  const bool whole = end == value->data() + value->size();
  if (error != std::errc() || !whole || !(seconds >= 0 && seconds <= static_cast<double>(kUrlTimeoutMax.count()))) {
    return ValueError(name, *value, fmt::format("a number of seconds from 0 (none) to {}", kUrlTimeoutMax.count()));
  }
  if (seconds == 0) return std::optional<milliseconds>();
  return std::optional(std::max(milliseconds(1), milliseconds(static_cast<std::int64_t>(seconds * 1000))));
}

std::string Joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += (out.empty() ? "" : ", ") + (name.empty() ? "(without a name)" : name);
  return out;
}

}  // namespace

Result<UrlSettings> SettingsOf(const JdbcUrl& url) {
  UrlSettings out;
  for (const auto& [name, value] : url.properties) {
    BERTH_TRY(CheckAllowed(name, value));
    const auto* const property = FindProperty(name);
    if (property == nullptr) {
      out.unknown.push_back(name.substr(0, 40));
    } else if (property->kind != PropertyKind::kHonoured) {
      out.ignored.push_back(name);
    }
  }
  BERTH_ASSIGN(out.sslmode, ReadSslMode(url));
  BERTH_ASSIGN(out.sslrootcert, ReadPath(url, "sslrootcert"));
  BERTH_ASSIGN(out.sslcert, ReadPath(url, "sslcert"));
  BERTH_ASSIGN(out.sslkey, ReadPath(url, "sslkey"));
  if (out.sslcert.empty() != out.sslkey.empty()) {
    return Refused("of sslcert and sslkey the connection string gives one without the other",
                   "A client certificate needs both, its file and the file of its key.");
  }
  BERTH_ASSIGN(out.application_name, ReadText(url, "applicationname"));
  BERTH_ASSIGN(out.search_path, ReadText(url, "currentschema"));
  BERTH_ASSIGN(out.query_group, ReadText(url, "querygroup"));
  BERTH_ASSIGN(out.tcp_keepalive, ReadBoolean(url, "tcpkeepalive", true));
  BERTH_ASSIGN(const auto connect, ReadSeconds(url, "connecttimeout"));
  BERTH_ASSIGN(const auto login, ReadSeconds(url, "logintimeout"));
  out.connect_timeout = connect && login ? std::min(*connect, *login) : connect ? connect : login;
  BERTH_ASSIGN(out.socket_timeout, ReadSeconds(url, "sockettimeout"));
  return out;
}

std::string WarningOf(const UrlSettings& settings) {
  std::string out;
  if (!settings.ignored.empty()) {
    out = "properties of the connection string that have no effect here: " + Joined(settings.ignored);
  }
  if (settings.unknown.empty()) return out;
  if (!out.empty()) out += "; ";
  out += "unknown properties of the connection string: " + Joined(settings.unknown);
  std::vector<std::string_view> honoured;
  for (const auto& property : kProperties) {
    if (property.kind == PropertyKind::kHonoured) honoured.push_back(property.name);
  }
  for (const auto& name : settings.unknown) {
    if (const auto meant = base::DidYouMean(name, honoured))
      out += fmt::format(" (did you mean {} by {}?)", *meant, name);
  }
  return out;
}

}  // namespace berth::bind
