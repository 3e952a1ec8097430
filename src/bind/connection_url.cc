#include "bind/connection_url.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "base/try.h"

namespace berth::bind {
namespace {

constexpr auto kNone = std::string_view::npos;

Error Refused(std::string message, std::string hint = std::string(kUrlForm)) {
  return {.code = ErrorCode::kInvalidArgument, .message = std::move(message), .hint = std::move(hint)};
}
Error NotSupported(std::string message, std::string hint) {
  return {.code = ErrorCode::kNotSupported, .message = std::move(message), .hint = std::move(hint)};
}

Error At(Error error, std::string_view url, std::string_view piece) {
  error.span = SourceSpan{.offset = static_cast<std::uint32_t>(piece.data() - url.data()),
                          .length = static_cast<std::uint32_t>(piece.size())};
  return error;
}

// Between "//" and the next '/': host and port as written. `url` is valid and has that form.
std::string_view AuthorityOf(std::string_view url) {
  const auto begin = url.find("//") + 2;
  return url.substr(begin, url.find('/', begin) - begin);
}

bool IsIpv6(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

Status CheckHost(std::string_view url, const std::string& host) {
  const auto authority = AuthorityOf(url);
  const bool bracketed = authority.starts_with('[');
  if (host.empty()) return At(Refused("the host is missing in the connection string"), url, authority);
  if (host.size() > kHostBytesMax) {
    return At(Refused(fmt::format("the host has {} bytes; the limit is {}", host.size(), kHostBytesMax)), url,
              authority);
  }
  if (!bracketed && std::count(authority.begin(), authority.end(), ':') > 1) {
    return At(Refused("the host of the connection string holds a ':'",
                      "Write an IPv6 address in brackets: jdbc:redshift://[::1]:5439/database."),
              url, authority);
  }
  if (bracketed) {
    if (IsIpv6(host)) return {};
    return At(Refused("what stands in brackets is no IPv6 address", "The form is jdbc:redshift://[::1]:5439/database."),
              url, authority);
  }
  if (!std::all_of(host.begin(), host.end(), IsHostCharacter)) {
    return At(Refused(fmt::format("the host '{}' is no host name", host),
                      "A host name has letters, digits, '.', '-' and '_' only. " + std::string(kUrlForm)),
              url, authority);
  }
  return {};
}

// jdbc:redshift:db is the driver's short form for a database on this machine; a forgotten // reads the same.
Status CheckShortForm(std::string_view url, const std::string& database) {
  if (database.find_first_of(":/") == kNone) return {};
  return At(
      Refused("without // the connection string names a database on this machine, and its name holds a ':' or '/'"),
      url, url);
}

Status CheckDatabase(std::string_view url, const std::string& database) {
  if (database.empty()) {
    return At(Refused("the connection string names no database; a connection names one"), url, url);
  }
  if (database.size() > kDatabaseBytesMax) {
    return At(Refused(fmt::format("the name of the database has {} bytes; the limit is {}", database.size(),
                                  kDatabaseBytesMax)),
              url, url);
  }
  return {};
}

// Where a '?' comes after a ';', or a second '?', the driver takes what stands between as one database name or value.
// It is a mistake, and what it hides may be a password; nothing of it is repeated.
Status CheckSeparators(std::string_view url) {
  const auto question = url.find('?');
  if (question == kNone) return {};
  if (const auto semicolon = url.find(';'); semicolon < question) {
    return At(Refused("a ';' stands before the '?' of the connection string",
                      "Properties begin at the '?' and are separated by '&' or ';'. Write a ';' in a name as %3B."),
              url, url.substr(semicolon, 1));
  }
  if (const auto second = url.find('?', question + 1); second != kNone) {
    return At(Refused("the connection string has a second '?'",
                      "Properties are separated by '&' or ';'. Write a '?' in a value as %3F."),
              url, url.substr(second, 1));
  }
  return {};
}

Status CheckCharacters(std::string_view url) {
  const auto found = std::find_if(url.begin(), url.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
  if (found != url.end()) {
    return At(Refused("the connection string holds a control character (a line break or a tab, perhaps)"), url,
              url.substr(static_cast<std::size_t>(found - url.begin()), 1));
  }
  if (url.ends_with(' ')) {
    return At(Refused("the connection string ends with a space", "Write a space that is meant as %20."), url,
              url.substr(url.size() - 1));
  }
  return {};
}

// The command of the AWS command line whose JSON a password command may print, for the cluster or workgroup of the URL.
std::string CredentialsCommand(const JdbcUrl& url) {
  const auto or_placeholder = [](const std::string& text, const char* placeholder) {
    return text.empty() ? placeholder : text;
  };
  const auto region = or_placeholder(url.region, "REGION");
  if (!url.serverless_account.empty() || !url.serverless_workgroup.empty()) {
    return fmt::format("/usr/bin/aws redshift-serverless get-credentials --workgroup-name {} --db-name {} --region {}",
                       or_placeholder(url.serverless_workgroup, "WORKGROUP"), url.database, region);
  }
  return fmt::format(
      "/usr/bin/aws redshift get-cluster-credentials-with-iam --cluster-identifier {} --db-name {} --region {}",
      or_placeholder(url.cluster_id, "CLUSTER"), url.database, region);
}

}  // namespace

Result<ConnectionUrl> ParseConnectionUrl(std::string_view url) {
  BERTH_ASSIGN(auto jdbc, ParseJdbcUrl(url));
  if (jdbc.iam && AuthorityOf(url).find('@') != kNone) {  // nothing of it is repeated: it may be a password
    return At(Refused("a user or password stands before the host of the connection string",
                      "They are the options USER_NAME and PASSWORD."),
              url, AuthorityOf(url));
  }
  if (jdbc.iam && jdbc.hosts.empty()) {
    return At(
        Refused(
            fmt::format("the connection string names cluster {} in region {}, and no host: Berth asks nobody for it",
                        jdbc.cluster_id, jdbc.region),
            fmt::format(
                "Write the cluster's endpoint: jdbc:redshift:iam://{}.abc123.{}.redshift.amazonaws.com:5439/{}.",
                jdbc.cluster_id, jdbc.region, jdbc.database.empty() ? "database" : jdbc.database)),
        url, AuthorityOf(url));
  }
  BERTH_TRY(CheckCharacters(url));
  BERTH_TRY(CheckSeparators(url));
  const bool short_form = !url.starts_with("jdbc:redshift://") && !jdbc.iam;
  if (jdbc.hosts.size() != 1) {
    return At(NotSupported(
                  fmt::format("the connection string lists {} hosts; this version connects to one", jdbc.hosts.size()),
                  std::string(kUrlForm)),
              url, AuthorityOf(url));
  }
  if (short_form) {
    BERTH_TRY(CheckShortForm(url, jdbc.database));
  } else {
    BERTH_TRY(CheckHost(url, jdbc.hosts.front().host));
  }
  BERTH_TRY(CheckDatabase(url, jdbc.database));
  BERTH_ASSIGN(auto settings, SettingsOf(jdbc));
  auto command = jdbc.iam ? CredentialsCommand(jdbc) : std::string();
  return ConnectionUrl{.host = jdbc.hosts.front().host,
                       .port = jdbc.hosts.front().port,
                       .database = std::move(jdbc.database),
                       .settings = std::move(settings),
                       .credentials_command = std::move(command)};
}

Status CheckIam(const ConnectionUrl& url, PasswordKind password) {
  if (url.credentials_command.empty() || password == PasswordKind::kCommand) return {};
  return Refused(
      "a connection string of the form jdbc:redshift:iam: needs a password command: its credentials are made anew and "
      "end",
      fmt::format("PASSWORD = COMMAND '{}'", url.credentials_command));
}

}  // namespace berth::bind
