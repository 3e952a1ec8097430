#include "dataapi/signature.h"

#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "base/crypto.h"
#include "base/strings.h"

namespace berth::dataapi {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kTerminator = "aws4_request";
constexpr std::size_t kHexDigits = 64;
constexpr std::chrono::year kYearFirst{1970};
constexpr std::chrono::year kYearLast{2261};
constexpr std::size_t kNameBytesMax = 128;  // of a key id and of a region

Refusal Incomplete(std::string_view what) {
  return IncompleteSignature(fmt::format("The Authorization header is not one of Signature Version 4: {}", what));
}

bool AllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsPlainName(std::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
  });
}

int Number(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::string TimeText(Clock::Wall time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss day(std::chrono::floor<std::chrono::seconds>(time - days));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), day.hours().count(),
                     day.minutes().count(), day.seconds().count());
}

std::optional<Refusal> CheckTime(std::string_view text, Clock::Wall now) {
  const auto time = ReadSignatureTime(text);
  if (!time) return Incomplete("X-Amz-Date must be a time such as 20261122T131415Z");
  constexpr auto kMinutes = kSkewMax.count();
  if (*time < now - kSkewMax) {
    return BadSignature(fmt::format("Signature expired: {} is now earlier than {} ({} - {} min.). Is the clock right?",
                                    text, TimeText(now - kSkewMax), TimeText(now), kMinutes));
  }
  if (*time > now + kSkewMax) {
    return BadSignature(
        fmt::format("Signature not yet current: {} is still later than {} ({} + {} min.). Is the clock right?", text,
                    TimeText(now + kSkewMax), TimeText(now), kMinutes));
  }
  return std::nullopt;
}

// The value of "name=" among the parts between commas; the parts are in any order.
std::optional<std::string_view> Part(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto part = base::Trim(list.substr(0, comma));
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=') {
      return part.substr(name.size() + 1);
    }
    if (comma == std::string_view::npos) return std::nullopt;
    list.remove_prefix(comma + 1);
  }
  return std::nullopt;
}

std::vector<std::string> Split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(at);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<Refusal> ReadCredential(std::string_view text, SignatureClaim& claim) {
  const auto parts = Split(text, '/');
  if (parts.size() != 5 || parts[4] != kTerminator || parts[1].size() != 8 || !AllDigits(parts[1])) {
    return Incomplete("Credential must be KEY/yyyymmdd/REGION/redshift-data/aws4_request");
  }
  if (!IsPlainName(parts[0]) || !IsPlainName(parts[2])) return Incomplete("Credential holds no key id or no region");
  if (parts[3] != kSignedService) {
    return BadSignature(fmt::format("Credential should be scoped to correct service: '{}', not '{}'", kSignedService,
                                    IsPlainName(parts[3]) ? parts[3] : "?"));
  }
  claim.key_id = parts[0];
  claim.date = parts[1];
  claim.region = parts[2];
  return std::nullopt;
}

std::optional<Refusal> ReadSignedHeaders(std::string_view text, SignatureClaim& claim) {
  claim.signed_headers = Split(text, ';');
  if (claim.signed_headers.size() > kSignedHeadersMax) {
    return Incomplete(fmt::format("SignedHeaders has more than {} names", kSignedHeadersMax));
  }
  if (!std::is_sorted(claim.signed_headers.begin(), claim.signed_headers.end()) ||
      std::adjacent_find(claim.signed_headers.begin(), claim.signed_headers.end()) != claim.signed_headers.end()) {
    return Incomplete("SignedHeaders must be in order, each name once");
  }
  for (const std::string_view needed : {"host", "x-amz-date", "x-amz-target"}) {
    if (std::find(claim.signed_headers.begin(), claim.signed_headers.end(), needed) == claim.signed_headers.end()) {
      return Incomplete(fmt::format("'{}' must be a signed header", needed));
    }
  }
  return std::nullopt;
}

// Outer white space dropped, inner runs of spaces made one.
void AppendCanonical(std::string& out, std::string_view value) {
  value = base::Trim(value);
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != ' ' || value[i - 1] != ' ') out += value[i];
  }
}

// "name:value\n" of each signed header, repeated ones joined by commas; the name of one that is not there otherwise.
std::variant<std::string, std::string_view> CanonicalHeaders(const HttpRequest& request,
                                                             const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    bool found = false;
    out += name;
    out += ':';
    for (const auto& header : request.headers) {
      if (header.name != name) continue;
      if (std::exchange(found, true)) out += ',';
      AppendCanonical(out, header.value);
    }
    if (!found) return std::string_view(name);
    out += '\n';
  }
  return out;
}

}  // namespace

std::optional<Clock::Wall> ReadSignatureTime(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  if (!AllDigits(text.substr(0, 8)) || !AllDigits(text.substr(9, 6))) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(Number(text.substr(0, 4))),
                                         std::chrono::month(static_cast<unsigned>(Number(text.substr(4, 2)))),
                                         std::chrono::day(static_cast<unsigned>(Number(text.substr(6, 2))))};
  const int hour = Number(text.substr(9, 2));
  const int minute = Number(text.substr(11, 2));
  const int second = Number(text.substr(13, 2));
  // Beyond them the clock's nanoseconds would begin anew, and a far year could be taken for now.
  if (date.year() < kYearFirst || date.year() > kYearLast) return std::nullopt;
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return Clock::Wall(std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                     std::chrono::seconds(second));
}

std::variant<SignatureClaim, Refusal> ReadClaim(const HttpRequest& request, Clock::Wall now) {
  const auto* header = request.Find("authorization");
  if (header == nullptr) {
    return Refusal{.type = "MissingAuthenticationTokenException",
                   .status = 403,
                   .message =
                       "Missing Authentication Token: the request is not signed. Give the client an access key "
                       "(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY) of this service."};
  }
  if (header->size() > kAuthorizationBytesMax) return Incomplete("it is too long");
  std::string_view text = *header;
  if (!text.starts_with(kAlgorithm) || text.size() == kAlgorithm.size() || text[kAlgorithm.size()] != ' ') {
    return Incomplete(fmt::format("it must begin with {}", kAlgorithm));
  }
  text.remove_prefix(kAlgorithm.size());
  const auto credential = Part(text, "Credential");
  const auto headers = Part(text, "SignedHeaders");
  const auto signature = Part(text, "Signature");
  if (!credential || !headers || !signature) return Incomplete("Credential, SignedHeaders and Signature are needed");

  SignatureClaim claim;
  if (auto refused = ReadCredential(*credential, claim)) return *std::move(refused);
  if (auto refused = ReadSignedHeaders(*headers, claim)) return *std::move(refused);
  if (request.Find("x-amz-security-token") != nullptr) {
    return UnknownKey(
        "This client signs with temporary credentials (X-Amz-Security-Token), for example those of an AWS role; this "
        "service knows only its own access keys. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to such a key "
        "and unset AWS_SESSION_TOKEN.");
  }
  const auto* time = request.Find("x-amz-date");
  if (time == nullptr) return Incomplete("the header X-Amz-Date is not there");
  if (auto refused = CheckTime(*time, now)) return *std::move(refused);
  if (!time->starts_with(claim.date))
    return BadSignature("Date in Credential scope does not match YYYYMMDD from X-Amz-Date");
  claim.signature = *signature;
  claim.time = *time;
  return claim;
}

Secret SigningKey(const Secret& secret, const SignatureClaim& claim) {
  const auto date = base::HmacSha256(base::Prefixed("AWS4", secret), claim.date);
  const auto region = base::HmacSha256(date, claim.region);
  return base::HmacSha256(base::HmacSha256(region, kSignedService), kTerminator);
}

std::optional<Refusal> CheckSignature(const HttpRequest& request, const SignatureClaim& claim, const Secret& key) {
  const auto body_hash = base::Sha256Hex(request.body);
  const auto* said = request.Find("x-amz-content-sha256");
  if (said != nullptr && *said != body_hash) {
    return BadSignature("X-Amz-Content-Sha256 is not the SHA-256 of the body that arrived");
  }
  const auto headers = CanonicalHeaders(request, claim.signed_headers);
  if (const auto* absent = std::get_if<std::string_view>(&headers)) {
    return Incomplete(fmt::format("the signed header '{}' is not there", *absent));
  }
  const auto question = request.target.find('?');
  const auto path = std::string_view(request.target).substr(0, question);
  const auto query =
      question == std::string::npos ? std::string_view() : std::string_view(request.target).substr(question + 1);
  const auto canonical = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, path, query,
                                     std::get<std::string>(headers), fmt::join(claim.signed_headers, ";"), body_hash);
  const auto text = fmt::format("{}\n{}\n{}/{}/{}/{}\n{}", kAlgorithm, claim.time, claim.date, claim.region,
                                kSignedService, kTerminator, base::Sha256Hex(canonical));
  if (claim.signature.size() == kHexDigits && base::HmacMatches(key, text, claim.signature)) return std::nullopt;
  return BadSignature(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
      "and signing method.");
}

}  // namespace berth::dataapi
