#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "berth/deadline.h"
#include "berth/secret.h"
#include "dataapi/http_message.h"
#include "dataapi/refusal.h"

// AWS Signature Version 4 of requests, as the service's side checks it. Safe from many threads.
namespace berth::dataapi {

inline constexpr std::chrono::minutes kSkewMax{5};           // between the client's clock and ours
inline constexpr std::size_t kAuthorizationBytesMax = 4096;  // of the header
inline constexpr std::size_t kSignedHeadersMax = 50;         // names in the list
inline constexpr std::string_view kSignedService = "redshift-data";

// What the headers of a signed request say, before anything of it is believed.
struct SignatureClaim {
  std::string key_id;
  std::string date;    // "20261122"
  std::string region;  // any
  std::vector<std::string> signed_headers;
  std::string signature;  // 64 hex digits
  std::string time;       // X-Amz-Date: "20261122T131415Z"
};

// Reads Authorization and X-Amz-Date and checks their form, the service's name and the clock (kSkewMax). A request with
// X-Amz-Security-Token is refused: only keys of this service's own are known here, and they have none.
std::variant<SignatureClaim, Refusal> ReadClaim(const HttpRequest& request, Clock::Wall now);

// The key that signs requests of one day and region; may be kept as long as the secret.
Secret SigningKey(const Secret& secret, const SignatureClaim& claim);

// Whether the request bears the claim's signature under that key; compared in constant time. The body is hashed here:
// what X-Amz-Content-Sha256 says is only believed if it is the same. nullopt: it does.
std::optional<Refusal> CheckSignature(const HttpRequest& request, const SignatureClaim& claim, const Secret& key);

}  // namespace berth::dataapi
