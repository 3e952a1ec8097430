#include "dataapi/gate.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/crypto.h"
#include "base/strings.h"

namespace berth::dataapi {
namespace {

// "localhost:8439" -> "localhost", "[::1]:8439" -> "[::1]"
std::string_view WithoutPort(std::string_view host) {
  const auto bracket = host.rfind(']');
  const auto colon = host.rfind(':');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) return host;
  return host.substr(0, colon);
}

bool IsLoopbackName(std::string_view host) {
  static constexpr std::array<std::string_view, 3> kNames{"127.0.0.1", "localhost", "[::1]"};
  const auto name = WithoutPort(base::Trim(host));
  return std::any_of(kNames.begin(), kNames.end(), [&](auto known) { return base::EqualsIgnoreCase(name, known); });
}

Refusal Unknown(std::string_view key_id) {
  // The temporary keys of roles begin so.
  const bool of_role = key_id.starts_with("ASIA");
  return UnknownKey(fmt::format(
      "The security token included in the request is invalid: the access key {} is none of Berth's.{} An administrator "
      "makes one with CREATE ACCESS KEY FOR user; give it to the client as AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY.",
      key_id,
      of_role ? " This client signs with the key of an AWS role."
              : " This client signs with another key, probably an AWS user's or role's."));
}

}  // namespace

std::variant<Caller, Refusal> Gate::Admit(const HttpRequest& request) {
  if (keys_ != nullptr) return AdmitSigned(request);
  const auto* host = request.Find("host");
  if (host == nullptr || !IsLoopbackName(*host)) {
    return AccessDenied(
        "Without signatures this service answers to 127.0.0.1, localhost and [::1] only; the Host header names "
        "another");
  }
  return Caller{.user = kLocalUser, .key_id = "", .peer = request.peer};
}

std::variant<Caller, Refusal> Gate::AdmitSigned(const HttpRequest& request) {
  const auto now = clock_.WallNow();
  auto claim = ReadClaim(request, now);
  if (auto* refused = std::get_if<Refusal>(&claim)) return std::move(*refused);
  const auto& said = std::get<SignatureClaim>(claim);
  const auto found = keys_->Find(said.key_id);
  if (!found.ok()) return RefusalOf(found.error());
  if (!found.value()) return Unknown(said.key_id);
  const auto& key = *found.value();
  // Only who holds the secret hears what has become of the key.
  if (auto refused = CheckSignature(request, said, SigningKeyOf(said, key))) return *std::move(refused);
  if (key.disabled) return UnknownKey(fmt::format("The access key {} is disabled", said.key_id));
  if (key.expires_at && *key.expires_at <= now) {
    return ExpiredKey(
        fmt::format("The security token included in the request is expired: the access key {} has ended; "
                    "an administrator makes a new one with CREATE ACCESS KEY FOR {}",
                    said.key_id, base::QuoteIdentifier(key.user)));
  }
  keys_->Used(said.key_id, now);
  return Caller{.user = key.user, .key_id = said.key_id, .peer = request.peer};
}

Secret Gate::SigningKeyOf(const SignatureClaim& claim, const AccessKey& key) {
  auto name = std::tuple(claim.key_id, claim.date, claim.region);
  {
    const base::MutexLock lock(mutex_);
    if (const auto known = signing_keys_.find(name); known != signing_keys_.end()) {
      if (base::SameSecret(known->second.from, key.secret)) return known->second.key;  // else it was made anew
    }
  }
  auto made = SigningKey(key.secret, claim);
  const base::MutexLock lock(mutex_);
  if (signing_keys_.size() >= kSigningKeysMax) signing_keys_.clear();
  signing_keys_.insert_or_assign(std::move(name), Derived{.from = key.secret, .key = made});
  return made;
}

}  // namespace berth::dataapi
