#include "statements/connection_choice.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/strings.h"

namespace berth::statements {
namespace {

using Candidates = std::vector<const ConnectionFacts*>;

constexpr std::size_t kSuffixSize = 7;  // "-a1B2c3"
constexpr std::size_t kNamedMax = 10;   // connections or databases that an error lists

Error Refuse(std::string message) {
  return Error{.code = ErrorCode::kInvalidArgument, .message = std::move(message)};
}

bool IsLetterOrDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Of an ARN, what stands after its last part that is always the same; nullopt: it is none.
std::optional<std::string_view> AfterArn(std::string_view text, std::string_view last_part) {
  if (!text.starts_with("arn:")) return std::nullopt;
  const auto at = text.find(last_part);
  if (at == std::string_view::npos) return std::nullopt;
  return text.substr(at + last_part.size());
}

struct SecretWords {
  std::string_view name;        // without the parts of an ARN
  std::string_view short_name;  // of an ARN: without the suffix as well
};

SecretWords ReadSecret(std::string_view text) {
  const auto name = AfterArn(text, ":secret:");
  if (!name) return {.name = text, .short_name = text};
  const bool has_suffix = name->size() > kSuffixSize && (*name)[name->size() - kSuffixSize] == '-' &&
                          std::all_of(name->end() - (kSuffixSize - 1), name->end(), IsLetterOrDigit);
  return {.name = *name, .short_name = has_suffix ? name->substr(0, name->size() - kSuffixSize) : *name};
}

// Two full ARNs that differ in their suffixes are two secrets, so never both are cut.
bool SameSecret(std::string_view sent, std::string_view own) {
  if (own.empty()) return false;
  const auto a = ReadSecret(sent);
  const auto b = ReadSecret(own);
  return a.name == b.name || a.short_name == b.name || a.name == b.short_name;
}

// "workgroup/<name or uuid>" of an ARN, or the text.
std::string_view WorkgroupName(std::string_view text) {
  return AfterArn(text, ":workgroup/").value_or(text);
}

Candidates Matching(const Candidates& among, const std::function<bool(const ConnectionFacts&)>& matches) {
  Candidates found;
  for (const auto* connection : among) {
    if (matches(*connection)) found.push_back(connection);
  }
  return found;
}

// `"a", "b", ..` of what `word` says of each, once each.
std::string Words(const Candidates& of, const std::function<std::string(const ConnectionFacts&)>& word) {
  std::vector<std::string> words;
  for (const auto* connection : of) {
    auto text = word(*connection);
    if (std::find(words.begin(), words.end(), text) == words.end()) words.push_back(std::move(text));
  }
  std::string text;
  for (std::size_t i = 0; i < words.size() && i < kNamedMax; ++i) {
    text += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", words[i]);
  }
  if (words.size() > kNamedMax) text += fmt::format(" and {} more", words.size() - kNamedMax);
  return text;
}

std::string NameOf(const ConnectionFacts& connection) {
  return connection.name;
}

// How the client named its warehouse, for errors.
std::string Named(const Target& target) {
  if (target.cluster_identifier) return fmt::format("ClusterIdentifier \"{}\"", *target.cluster_identifier);
  if (target.workgroup) return fmt::format("WorkgroupName \"{}\"", *target.workgroup);
  return fmt::format("SecretArn \"{}\"", *target.secret_arn);
}

Result<Candidates> ByWarehouse(const Candidates& usable, const Target& target) {
  if (target.cluster_identifier && target.workgroup) {
    return Refuse("ClusterIdentifier and WorkgroupName exclude each other: each names the warehouse.");
  }
  if (!target.cluster_identifier && !target.workgroup) return usable;
  // An option that is not set is empty, and an empty name is none: the two do not match.
  auto found = Matching(usable, [&](const ConnectionFacts& connection) {
    if (target.cluster_identifier) {
      const auto& sent = *target.cluster_identifier;
      return !sent.empty() && (connection.name == sent || connection.cluster_identifier == sent);
    }
    const auto sent = WorkgroupName(*target.workgroup);
    return !sent.empty() && (connection.name == sent || WorkgroupName(connection.workgroup) == sent);
  });
  if (!found.empty()) return found;
  return Refuse(fmt::format(
      "Redshift endpoint doesn't exist in this region. No connection that you may use is named so or has it as its "
      "option {}: {}.",
      target.cluster_identifier ? "CLUSTER_IDENTIFIER" : "WORKGROUP", Named(target)));
}

Result<Candidates> BySecret(const Candidates& candidates, const Target& target) {
  if (!target.secret_arn) return candidates;
  auto found = Matching(candidates, [&](const ConnectionFacts& connection) {
    return SameSecret(*target.secret_arn, connection.secret_arn) || SameSecret(*target.secret_arn, connection.name);
  });
  if (!found.empty()) return found;
  if (!target.cluster_identifier && !target.workgroup) {
    return Refuse(fmt::format(
        "No connection that you may use is named by {}: neither its name nor its option SECRET_ARN is that secret.",
        Named(target)));
  }
  return Refuse(
      fmt::format("SecretArn \"{}\" does not belong to {}: of its connections that you may use ({}) none is named so "
                  "or has it as its "
                  "option SECRET_ARN.",
                  *target.secret_arn, Named(target), Words(candidates, NameOf)));
}

}  // namespace

std::string_view SecretName(std::string_view secret_arn) {
  return ReadSecret(secret_arn).short_name;
}

Result<ConnectionFacts> ChooseConnection(std::span<const ConnectionFacts> connections, const Target& target,
                                         const MayUse& may_use) {
  if (!target.cluster_identifier && !target.workgroup && !target.secret_arn) {
    return Refuse("ClusterIdentifier, WorkgroupName or SecretArn is required: it names the connection to use.");
  }
  // What the caller may not use is not there for him: no error can tell of it.
  Candidates usable;
  for (const auto& connection : connections) {
    if (may_use(connection.name)) usable.push_back(&connection);
  }
  auto by_warehouse = ByWarehouse(usable, target);
  if (!by_warehouse.ok()) return std::move(by_warehouse).TakeError();
  auto by_secret = BySecret(by_warehouse.value(), target);
  if (!by_secret.ok()) return std::move(by_secret).TakeError();
  Candidates found = std::move(by_secret).value();

  if (target.database) {
    auto with = Matching(found, [&](const auto& connection) { return connection.database == *target.database; });
    if (with.empty()) {
      return Refuse(fmt::format("{} has no Database \"{}\": the connections that you may use have {}.", Named(target),
                                *target.database, Words(found, [](const auto& c) { return c.database; })));
    }
    found = std::move(with);
  }
  if (target.db_user) {
    auto with = Matching(found, [&](const auto& connection) { return connection.user == *target.db_user; });
    if (with.empty()) {
      return Refuse(fmt::format("DbUser \"{}\" is not the USER_NAME of {}: the connections that you may use have {}.",
                                *target.db_user, Named(target), Words(found, [](const auto& c) { return c.user; })));
    }
    found = std::move(with);
  }
  if (found.size() == 1) return *found.front();
  return Refuse(fmt::format("{} means {} connections: {}. Say Database, DbUser or SecretArn, or the name of one.",
                            Named(target), found.size(), Words(found, NameOf)));
}

}  // namespace berth::statements
