#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "berth/password_kind.h"
#include "bind/jdbc_url.h"

namespace berth::bind {

// What the properties of a URL ask for, as meant. Paths are absolute.
struct UrlSettings {
  // The driver's rule with a stricter default: sslmode (or its alias authmech) if given, else ssl=false is "disable",
  // else "verify-full".
  std::string sslmode = "verify-full";
  std::string sslrootcert, sslcert, sslkey;                // empty: not given
  std::string application_name, search_path, query_group;  // empty: not given
  bool tcp_keepalive = true;
  // The sooner of connectTimeout and loginTimeout; nullopt: neither is given, or 0.
  std::optional<std::chrono::milliseconds> connect_timeout;
  std::optional<std::chrono::milliseconds> socket_timeout;  // nullopt: not given, or 0
  std::vector<std::string> ignored;                         // properties of the driver that have no effect here
  std::vector<std::string> unknown;                         // properties that the driver does not know either
};

// The URL of a connection: one host, one database, nothing secret in it.
struct ConnectionUrl {
  std::string host;  // IPv6 without brackets
  std::uint16_t port = kPortDefault;
  std::string database;
  UrlSettings settings;
  std::string credentials_command;  // the iam: form's; empty: another form
};

// Stricter than the driver: an empty database, no or an odd host, a user, a password or any other secret, a property
// that would override host, port or database, and a value that is none of its property's are refused
// (kInvalidArgument); so are several hosts and keys of AWS (kNotSupported). The iam: form needs a host. Spans count in
// `url`; no error repeats a value that may be secret.
Result<ConnectionUrl> ParseConnectionUrl(std::string_view url);

// The iam: form needs a password command; the error spells it out for the URL's cluster, region and database.
Status CheckIam(const ConnectionUrl& url, PasswordKind password);

// Errors: kInvalidArgument, kNotSupported for what a property may not be or hold.
Result<UrlSettings> SettingsOf(const JdbcUrl& url);

// One sentence that names the properties without effect, and what an unknown one may have meant; empty: there are none.
std::string WarningOf(const UrlSettings& settings);

inline constexpr std::size_t kDatabaseBytesMax = 127;
inline constexpr std::size_t kHostBytesMax = 255;
inline constexpr std::chrono::seconds kUrlTimeoutMax{86'400};  // of the timeouts in a URL

}  // namespace berth::bind
