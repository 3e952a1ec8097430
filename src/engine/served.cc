#include "engine/served.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/strings.h"
#include "base/try.h"
#include "bind/connection_url.h"
#include "engine/catalog_statements.h"

namespace berth::engine {
namespace {

Error Refuse(std::string message, std::string hint) {
  return {.code = ErrorCode::kPermissionDenied, .message = std::move(message), .hint = std::move(hint)};
}

template <class T, class... Kinds>
constexpr bool kIsOneOf = (std::is_same_v<T, Kinds> || ...);

// The changes that an administrator may make: those of the catalog alone. What is not named here is for nobody.
template <class T>
constexpr bool kServedChange =
    kIsOneOf<T, parser::CreateConnection, parser::AlterConnection, parser::DropConnection, parser::PauseConnection,
             parser::ResumeConnection, parser::CreateGroup, parser::AlterGroup, parser::DropGroup, parser::DetachTable,
             parser::CreateJob, parser::AlterJob, parser::DropJob, parser::AttachJob, parser::DetachJob,
             parser::PauseJob, parser::ResumeJob, parser::DropSecret, parser::CreateServiceUser,
             parser::AlterServiceUser, parser::DropServiceUser, parser::EnableAccessKey, parser::DropAccessKey,
             parser::GrantUsage, parser::RevokeUsage>;

template <class T>
constexpr bool kServedRead = kReads<T> || kIsOneOf<T, parser::SetSetting, parser::ShowSetting>;

// Empty: he may.
template <class T>
constexpr std::string_view NotServed(const T& statement) {
  if constexpr (std::is_same_v<T, parser::CreateAccessKey>) {
    return "CREATE ACCESS KEY cannot be run through the service: the secret would stay in its stored result";
  } else if constexpr (std::is_same_v<T, parser::Explain>) {
    return std::visit([](const auto& explained) { return NotServed(explained); }, statement.statement);
  } else if constexpr (std::is_same_v<T, parser::ShowDependents>) {
    return statement.verify ? "VERIFY opens a session and cannot be run through the service" : std::string_view();
  } else if constexpr (kIsOneOf<T, parser::CreateConnection, parser::AlterConnection>) {
    return statement.validate ? "VALIDATE opens a session and cannot be run through the service" : std::string_view();
  } else {
    static_cast<void>(statement);
    return kServedRead<T> || kServedChange<T> ? ""
                                              : "a statement that opens a session cannot be run through the service";
  }
}

// From the one that protects least.
int StrengthOf(std::string_view sslmode) {
  constexpr std::string_view kModes[] = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"};
  return static_cast<int>(std::find(std::begin(kModes), std::end(kModes), sslmode) - std::begin(kModes));
}

}  // namespace

Result<Served> ReadServed(catalog::Transaction& transaction, const ServedUser& user) {
  if (!user.known) return Served{.user = user.name, .admin = false, .reads_all = true};
  BERTH_ASSIGN(const auto found, transaction.FindServiceUser(user.name));
  if (!found) {
    return Refuse(fmt::format("service user {} does not exist any more", base::QuoteIdentifier(user.name)), "");
  }
  return Served{.user = found->name, .admin = found->admin, .reads_all = found->admin};
}

bool ReadsOnly(const parser::Statement& statement) {
  return std::visit([]<class T>(const T&) { return kServedRead<T>; }, statement);
}

Status CheckServedStatement(const parser::Statement& statement) {
  const auto why = std::visit([](const auto& kind) { return NotServed(kind); }, statement);
  if (why.empty()) return {};
  return Refuse(std::string(why), "Run it with berth where the catalog is.");
}

Error NeedsAdmin(const Served& served) {
  return Refuse(fmt::format("{} may not change the catalog", base::QuoteIdentifier(served.user)),
                "An administrator may let him: ALTER SERVICE USER .. SET ADMIN = TRUE.");
}

Status CheckServedChange(const catalog::Connection* is, const catalog::Connection& wanted,
                         const bind::ConnectionOptions& options, parser::Span span) {
  const auto refuse = [span](std::string message, std::string hint) {
    auto error = Refuse(std::move(message), std::move(hint));
    error.span = span;
    return error;
  };
  if (options.password && options.password->kind != PasswordKind::kLiteral) {
    return refuse("through the service a password is given as a string: ENV, FILE, COMMAND and PROMPT are refused",
                  "They would be read on the service's machine. Run it with berth where the catalog is.");
  }
  if (is == nullptr || options.password) return {};
  BERTH_ASSIGN(const auto before, bind::ParseConnectionUrl(is->connection_string));
  BERTH_ASSIGN(const auto after, bind::ParseConnectionUrl(wanted.connection_string));
  const bool elsewhere = before.host != after.host || before.port != after.port;
  const bool weaker = StrengthOf(after.settings.sslmode) < StrengthOf(before.settings.sslmode) ||
                      after.settings.sslrootcert != before.settings.sslrootcert;
  if (!elsewhere && !weaker) return {};
  return refuse(fmt::format("through the service a changed {} wants the password again",
                            elsewhere ? "host or port" : "sslmode or sslrootcert"),
                "The stored password would go where it was not given for. Add SET PASSWORD = 'p' to the statement.");
}

}  // namespace berth::engine
