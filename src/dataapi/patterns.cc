#include "dataapi/patterns.h"

#include <algorithm>
#include <cstddef>

namespace berth::dataapi {
namespace {

constexpr bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool IsLower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool IsLowerOrDigit(char c) {
  return IsLower(c) || IsDigit(c);
}

// A text that is eaten from the front.
class Eater {
 public:
  explicit Eater(std::string_view text) : rest_(text) {}
  bool Literal(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  // As many as there are; false: fewer than `min` or more than `max`.
  template <class Is>
  bool Run(Is is, std::size_t min, std::size_t max) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is);
    const auto count = static_cast<std::size_t>(end - rest_.begin());
    rest_.remove_prefix(count);
    return count >= min && count <= max;
  }
  bool done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

constexpr std::size_t kAny = static_cast<std::size_t>(-1);

// 8-4-4-4-12 of [a-z0-9], and ":n" for a statement of a batch.
bool IsUuid(std::string_view text) {
  Eater eat(text);
  if (!eat.Run(IsLowerOrDigit, 8, 8)) return false;
  for (int i = 0; i < 3; ++i) {
    if (!eat.Literal("-") || !eat.Run(IsLowerOrDigit, 4, 4)) return false;
  }
  if (!eat.Literal("-") || !eat.Run(IsLowerOrDigit, 12, 12)) return false;
  return eat.done() || (eat.Literal(":") && eat.Run(IsDigit, 0, 2) && eat.done());
}

bool IsCluster(std::string_view text) {
  if (text.empty() || !IsLower(text.front()) || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return IsLowerOrDigit(c) || c == '-'; }) &&
         text.find("--") == std::string_view::npos;
}

bool IsWorkgroupName(char c) {
  return IsLowerOrDigit(c) || c == '-';
}

// us-west-2, us-gov-west-1, us-isob-east-1, eusc-de-east-1
bool EatRegion(Eater& eat) {
  const auto colon = eat.rest().find(':');
  const auto region = eat.rest().substr(0, colon);
  const auto last = region.rfind('-');
  if (last == std::string_view::npos || last + 2 != region.size() || !IsDigit(region.back())) return false;
  const auto words = region.substr(0, last);
  const auto good = std::all_of(words.begin(), words.end(), [](char c) { return IsLower(c) || c == '-'; });
  return good && words.find('-') != std::string_view::npos && words.find("--") == std::string_view::npos &&
         IsLower(words.front()) && IsLower(words.back()) && eat.Literal(region);
}

bool IsWorkgroupArn(std::string_view text) {
  Eater eat(text);
  if (!eat.Literal("arn:aws")) return false;
  while (eat.Literal("-")) {
    if (!eat.Run(IsLower, 1, kAny)) return false;
  }
  if (!eat.Literal(":redshift-serverless:") || !EatRegion(eat)) return false;
  if (!eat.Literal(":") || !eat.Run(IsDigit, 12, 12) || !eat.Literal(":workgroup/")) return false;
  if (!eat.Run(IsWorkgroupName, 1, kAny)) return false;
  return eat.done() || (eat.Literal("/") && eat.Run(IsWorkgroupName, 1, kAny) && eat.done());
}

bool IsWorkgroup(std::string_view text) {
  Eater eat(text);
  return (eat.Run(IsWorkgroupName, 3, 63) && eat.done()) || IsWorkgroupArn(text);
}

bool IsParameterName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return IsLowerOrDigit(c) || (c >= 'A' && c <= 'Z') || c == '_'; });
}

}  // namespace

std::string_view TextOf(Pattern pattern) {
  switch (pattern) {
    case Pattern::kNone:
      return "";
    case Pattern::kUuid:
      return R"(^[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d+)?$)";
    case Pattern::kCluster:
      return R"(^[a-z][a-z0-9]*(-[a-z0-9]+)*$)";
    case Pattern::kWorkgroup:
      return R"(^([a-z0-9-]{3,63}|arn:(aws(-[a-z]+)*):redshift-serverless:<region>:\d{12}:workgroup/<name>)$)";
    case Pattern::kParameterName:
      return R"(^[0-9a-zA-Z_]+$)";
  }
  return "";
}

bool Matches(Pattern pattern, std::string_view text) {
  switch (pattern) {
    case Pattern::kNone:
      return true;
    case Pattern::kUuid:
      return IsUuid(text);
    case Pattern::kCluster:
      return IsCluster(text);
    case Pattern::kWorkgroup:
      return IsWorkgroup(text);
    case Pattern::kParameterName:
      return IsParameterName(text);
  }
  return false;
}

}  // namespace berth::dataapi
