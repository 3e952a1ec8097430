#include "engine/login.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_options.h"
#include "bind/connection_url.h"

namespace berth::engine {
namespace {

Error NoPassword(std::string message, std::string hint) {
  return Error{
      .code = ErrorCode::kUnauthenticated, .message = std::move(message), .hint = std::move(hint), .sqlstate = "28000"};
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  const int fd_;
};

Result<Secret> ReadPasswordVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nothing here calls setenv
  if (value == nullptr || *value == '\0') {
    return NoPassword(fmt::format("the environment variable {} that holds the password is {}", name,
                                  value == nullptr ? "not set" : "empty"),
                      "Set it in the environment of this program, or give the connection another password: "
                      "ALTER REDSHIFT CONNECTION .. SET PASSWORD = ..");
  }
  return Secret(value);
}

Result<Secret> PasswordOf(catalog::Transaction& transaction, const catalog::Connection& connection) {
  switch (connection.password_kind) {
    case catalog::PasswordKind::kLiteral:
      return transaction.OpenPassword(connection);
    case catalog::PasswordKind::kEnv:
      return ReadPasswordVariable(connection.password_reference);
    case catalog::PasswordKind::kFile:
      return ReadPasswordFile(connection.password_reference);
  }
  return Error{.code = ErrorCode::kInternal, .message = "unknown kind of password"};
}

Status CheckPasswordFile(const std::string& path, const struct stat& facts) {
  if (!S_ISREG(facts.st_mode))
    return NoPassword(fmt::format("the password file {} is not a regular file", path), "Name a file.");
  if ((facts.st_mode & S_IROTH) != 0) {
    return NoPassword(
        fmt::format("the password file {} can be read by everyone (mode {:04o})", path, facts.st_mode & 07777u),
        fmt::format("chmod 600 {}", path));
  }
  if (static_cast<std::size_t>(facts.st_size) > kPasswordFileBytesMax) {
    return NoPassword(fmt::format("the password file {} has {} bytes; at most {} are read", path, facts.st_size,
                                  kPasswordFileBytesMax),
                      "Name a file that holds the password alone.");
  }
  return {};
}

}  // namespace

Result<Secret> ReadPasswordFile(const std::string& path) {
  if (path.empty() || path[0] != '/') {
    return NoPassword(fmt::format("the password file {} is not an absolute path", path),
                      "Name it from the root on: '/..'.");
  }
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts{};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0) {
    return NoPassword(
        fmt::format("the password file {} cannot be read: {}", path, std::generic_category().message(errno)),
        "Check that it is there and that this user may read it.");
  }
  BERTH_TRY(CheckPasswordFile(path, facts));
  std::string text(kPasswordFileBytesMax, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    length += static_cast<std::size_t>(got);
  }
  std::string_view password = std::string_view(text).substr(0, length);
  if (password.ends_with('\n')) password.remove_suffix(1);
  if (password.ends_with('\r')) password.remove_suffix(1);
  Secret secret{std::string(password)};
  const bool usable = !password.empty() && password.find('\0') == std::string_view::npos;
  Wipe(text);
  if (!usable)
    return NoPassword(fmt::format("the password file {} is empty or holds a NUL byte", path),
                      "It is to hold the password alone.");
  return secret;
}

Result<session::ConnectParams> LoginParams(const Shared& shared, std::int64_t connection_id, Deadline deadline) {
  BERTH_ASSIGN(const auto transaction, shared.store.Begin(catalog::Access::kRead, CatalogDeadline(shared, deadline)));
  BERTH_ASSIGN(const auto found, transaction->FindConnectionById(connection_id));
  if (!found) {
    return Error{.code = ErrorCode::kNotFound,
                 .message = "the connection was dropped",
                 .hint = "SHOW CONNECTIONS lists those that there are."};
  }
  BERTH_ASSIGN(const auto url, bind::ParseConnectionUrl(found->connection_string));
  const auto& settings = url.settings;
  session::ConnectParams params;
  params.host = found->host;
  params.port = found->port;
  params.database = found->database;
  params.user = found->user_name;
  BERTH_ASSIGN(params.password, PasswordOf(*transaction, *found));
  params.sslmode = settings.sslmode;
  params.sslrootcert = settings.sslrootcert;
  params.sslcert = settings.sslcert;
  params.sslkey = settings.sslkey;
  params.application_name = settings.application_name.empty()
                                ? fmt::format("berth/{}/{}", found->name, shared.options.program)
                                : settings.application_name;
  params.search_path = settings.search_path;
  params.query_group = settings.query_group;
  params.tcp_keepalive = settings.tcp_keepalive;
  if (settings.connect_timeout) params.connect_timeout = *settings.connect_timeout;
  if (settings.socket_timeout) params.socket_timeout = *settings.socket_timeout;
  return params;
}

pool::PoolOptions PoolOptionsOf(const Shared& shared, const catalog::Connection& connection) {
  pool::PoolOptions options;
  options.connection_id = connection.id;
  options.connection_name = connection.name;
  options.version = connection.version;
  options.login_version = connection.login_version;
  options.sessions_max =
      static_cast<std::size_t>(connection.max_concurrent_connections.value_or(bind::kSessionsDefault));
  options.params = [&shared, id = connection.id](Deadline deadline) { return LoginParams(shared, id, deadline); };
  return options;
}

}  // namespace berth::engine
