#include "credentials/credential.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "base/try.h"

namespace berth::credentials {
namespace {

namespace json = boost::json;

Error Unreadable(std::string message, std::string hint) {
  return Error{
      .code = ErrorCode::kUnauthenticated, .message = std::move(message), .hint = std::move(hint), .sqlstate = "28000"};
}

constexpr const char* kForms =
    "It is to print the bare password on one line, or the JSON of aws redshift get-cluster-credentials, "
    "get-cluster-credentials-with-iam, aws redshift-serverless get-credentials or aws secretsmanager get-secret-value.";

// Memory for parsed JSON that is wiped when it dies: it holds passwords.
class WipedMemory {
 public:
  WipedMemory() : bytes_(kSize) {}
  WipedMemory(const WipedMemory&) = delete;
  WipedMemory& operator=(const WipedMemory&) = delete;
  ~WipedMemory() { explicit_bzero(bytes_.data(), bytes_.size()); }
  json::static_resource Resource() { return json::static_resource(bytes_.data(), bytes_.size()); }

 private:
  static constexpr std::size_t kSize = 1u << 20;  // 64 KiB of output take a few times that as values
  std::vector<unsigned char> bytes_;
};

const json::value* Find(const json::object& object, std::initializer_list<std::string_view> names) {
  for (const auto& [key, value] : object) {
    for (const auto name : names) {
      if (base::EqualsIgnoreCase(std::string_view(key.data(), key.size()), name)) return &value;
    }
  }
  return nullptr;
}

std::optional<std::string_view> FindText(const json::object& object, std::initializer_list<std::string_view> names) {
  const auto* value = Find(object, names);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string().data(), value->get_string().size());
}

std::optional<int> Digits(std::string_view text, std::size_t at, std::size_t count) {
  int number = 0;
  if (at + count > text.size()) return std::nullopt;
  const auto* const end = text.data() + at + count;
  const auto [stop, error] = std::from_chars(text.data() + at, end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// RFC 3339: 2026-11-22T14:00:00[.123](Z|+00:00).
std::optional<Clock::Wall> ReadTime(std::string_view text) {
  const auto year = Digits(text, 0, 4);
  const auto month = Digits(text, 5, 2);
  const auto day = Digits(text, 8, 2);
  const auto hour = Digits(text, 11, 2);
  const auto minute = Digits(text, 14, 2);
  const auto second = Digits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  auto zone = text.substr(19);
  if (zone.starts_with('.')) zone.remove_prefix(std::min(zone.size(), zone.find_first_not_of("0123456789", 1)));
  std::chrono::minutes east{0};
  if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-')) {
    const auto hours = Digits(zone, 1, 2);
    const auto minutes = Digits(zone, 4, 2);
    if (!hours || !minutes) return std::nullopt;
    east = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    if (zone[0] == '-') east = -east;
  } else if (zone != "Z") {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second) - east;
}

std::optional<Clock::Wall> TimeOf(const json::value& value) {
  if (value.is_string()) return ReadTime(std::string_view(value.get_string().data(), value.get_string().size()));
  const auto from_epoch = [](double seconds) {
    return Clock::Wall(std::chrono::duration_cast<Clock::Wall::duration>(std::chrono::duration<double>(seconds)));
  };
  constexpr double kFar = 1e11;
  if (!value.is_number()) return std::nullopt;
  const double seconds = value.to_number<double>();
  if (!(seconds > 0) || seconds > kFar) return std::nullopt;
  return from_epoch(seconds);
}

Result<Credential> FromObject(const json::object& object, Clock::Wall now) {
  const auto password = FindText(object, {"DbPassword", "password"});
  if (!password || password->empty()) {
    return Unreadable("the password command printed JSON without a password (DbPassword or password)", kForms);
  }
  Credential credential{.password = Secret(std::string(*password))};
  credential.user = std::string(FindText(object, {"DbUser", "username", "user"}).value_or(""));
  if (const auto* expires = Find(object, {"Expiration"}); expires != nullptr) {
    credential.expires = TimeOf(*expires);
    if (!credential.expires) return Unreadable("the password command printed an Expiration that is no time", kForms);
    if (*credential.expires <= now) {
      return Unreadable("the password command printed a credential that has expired",
                        "Its clock, or a cache of its own, is behind: look there.");
    }
  }
  return credential;
}

Result<Credential> FromJson(std::string_view text, Clock::Wall now) {
  WipedMemory memory;
  auto resource = memory.Resource();
  WipedMemory inner_memory;
  auto inner_resource = inner_memory.Resource();
  try {
    json::parse_options options;
    options.max_depth = 16;
    boost::system::error_code error;
    const auto value = json::parse(json::string_view(text.data(), text.size()), error, &resource, options);
    if (error || !value.is_object())
      return Unreadable("the password command printed something that begins like JSON and is none", kForms);
    const auto secret = FindText(value.get_object(), {"SecretString"});
    if (!secret) return FromObject(value.get_object(), now);
    const auto inner = json::parse(json::string_view(secret->data(), secret->size()), error, &inner_resource, options);
    if (!error && inner.is_object()) return FromObject(inner.get_object(), now);
    return Credential{.password = Secret(std::string(*secret))};  // a secret that is one password
  } catch (const std::exception&) {                               // std::bad_alloc of the bounded memory
    return Unreadable("the password command printed JSON that is too large", kForms);
  }
}

}  // namespace

Result<Credential> ReadCredential(const Secret& printed, Clock::Wall now) {
  std::string_view text = printed.Reveal();
  const auto trimmed = base::Trim(text);
  if (trimmed.starts_with('{')) return FromJson(trimmed, now);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return Unreadable("the password command printed an empty line", kForms);
  if (text.find_first_of(std::string_view("\n\r\0", 3)) != std::string_view::npos) {
    return Unreadable("the password command printed several lines, and they are no JSON", kForms);
  }
  return Credential{.password = Secret(std::string(text))};
}

}  // namespace berth::credentials
