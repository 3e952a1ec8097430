#include "engine/make_password.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/crypto.h"

namespace berth::engine {
namespace {

constexpr std::string_view kCapitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kSmall = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kAll = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static_assert(kAll.size() == 64);  // so that a byte's lower six bits choose evenly

bool HasOneOf(std::string_view text, std::string_view letters) {
  return text.find_first_of(letters) != std::string_view::npos;
}

}  // namespace

// One in some hundreds lacks a digit and is thrown away.
Secret MakePassword() {
  for (;;) {
    std::string text = base::RandomBytes(kMadePasswordBytes);
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char byte) { return kAll[static_cast<unsigned char>(byte) & 63U]; });
    if (HasOneOf(text, kCapitals) && HasOneOf(text, kSmall) && HasOneOf(text, kDigits)) return Secret(std::move(text));
    Wipe(text);
  }
}

}  // namespace berth::engine
