#include "engine/passwords.h"

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
#include "base/unique_fd.h"
#include "credentials/run_command.h"

namespace berth::engine {
namespace {

using credentials::Credential;

Error NoPassword(std::string message, std::string hint) {
  return Error{
      .code = ErrorCode::kUnauthenticated, .message = std::move(message), .hint = std::move(hint), .sqlstate = "28000"};
}

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

// Of the secret, where it is one.
PasswordKind KindOf(const catalog::Connection& connection) {
  return connection.secret ? connection.secret->kind : connection.password_kind;
}

Error NobodyToAsk(const catalog::Connection& connection) {
  return NoPassword(
      fmt::format("the password of connection {} is asked for at a terminal, and there is none here",
                  base::QuoteIdentifier(connection.name)),
      "Use it from the interactive shell, or give it a password that a program can find: ENV, FILE or COMMAND.");
}

}  // namespace

Result<Secret> ReadPasswordFile(const std::string& path) {
  if (path.empty() || path[0] != '/') {
    return NoPassword(fmt::format("the password file {} is not an absolute path", path),
                      "Name it from the root on: '/..'.");
  }
  const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
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

Result<Credential> Passwords::Resolve(catalog::Transaction& transaction, const catalog::Connection& connection,
                                      Deadline deadline) {
  const auto& secret = connection.secret;
  const auto& reference = secret ? secret->reference : connection.password_reference;
  Credential credential;
  switch (KindOf(connection)) {
    case PasswordKind::kLiteral: {
      BERTH_ASSIGN(credential.password,
                   secret ? transaction.OpenSecret(secret->id) : transaction.OpenPassword(connection));
      return credential;
    }
    case PasswordKind::kEnv: {
      BERTH_ASSIGN(credential.password, ReadPasswordVariable(reference));
      return credential;
    }
    case PasswordKind::kFile: {
      BERTH_ASSIGN(credential.password, ReadPasswordFile(reference));
      return credential;
    }
    case PasswordKind::kCommand:
      return cache_.Get(connection.id, connection.login_version, clock_, [&]() -> Result<Credential> {
        BERTH_ASSIGN(const auto words, credentials::SplitCommand(reference));
        BERTH_ASSIGN(const auto printed, credentials::RunCommand(words, clock_, deadline));
        return credentials::ReadCredential(printed, clock_.WallNow());
      });
    case PasswordKind::kPrompt: {
      const base::MutexLock lock(mutex_);
      const auto found = prompted_.find(connection.id);
      if (found == prompted_.end() || found->second.login_version != connection.login_version)
        return NobodyToAsk(connection);
      credential.password = found->second.password;
      return credential;
    }
    case PasswordKind::kSecret:
      break;
  }
  return Error{.code = ErrorCode::kInternal, .message = "unknown kind of password"};
}

Result<std::optional<Secret>> Passwords::ResolveNext(catalog::Transaction& transaction,
                                                     const catalog::Connection& connection, Deadline deadline) {
  if (!connection.next) return std::optional<Secret>();
  const auto& next = *connection.next;
  const auto some = [](Result<Secret> secret) -> Result<std::optional<Secret>> {
    if (!secret.ok()) return std::move(secret).TakeError();
    return std::optional<Secret>(std::move(secret).value());
  };
  if (next.kind == PasswordKind::kLiteral) return some(transaction.OpenNextPassword(connection));
  if (next.kind == PasswordKind::kEnv) return some(ReadPasswordVariable(next.reference));
  if (next.kind == PasswordKind::kFile) return some(ReadPasswordFile(next.reference));
  BERTH_ASSIGN(const auto words, credentials::SplitCommand(next.reference));
  BERTH_ASSIGN(const auto printed, credentials::RunCommand(words, clock_, deadline));
  BERTH_ASSIGN(auto credential, credentials::ReadCredential(printed, clock_.WallNow()));
  return std::optional<Secret>(std::move(credential.password));
}

Status Passwords::AskIfNeeded(const catalog::Connection& connection) {
  if (KindOf(connection) != PasswordKind::kPrompt) return {};
  {
    const base::MutexLock lock(mutex_);
    const auto found = prompted_.find(connection.id);
    if (found != prompted_.end() && found->second.login_version == connection.login_version) return {};
  }
  if (!prompt_) return NobodyToAsk(connection);
  BERTH_ASSIGN(auto password, prompt_(connection.name, connection.user_name));
  const base::MutexLock lock(mutex_);
  prompted_[connection.id] = {.login_version = connection.login_version, .password = std::move(password)};
  return {};
}

void Passwords::NoteNextAccepted(std::int64_t connection_id, std::int64_t next_version) {
  const base::MutexLock lock(mutex_);
  next_accepted_[connection_id] = next_version;
}

std::int64_t Passwords::NextAccepted(std::int64_t connection_id) {
  const base::MutexLock lock(mutex_);
  const auto found = next_accepted_.find(connection_id);
  return found == next_accepted_.end() ? 0 : found->second;
}

void Passwords::Forget(std::int64_t connection_id) {
  cache_.Forget(connection_id);
  const base::MutexLock lock(mutex_);
  prompted_.erase(connection_id);
}

}  // namespace berth::engine
