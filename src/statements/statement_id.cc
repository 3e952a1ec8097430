#include "statements/statement_id.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "base/crypto.h"

namespace berth::statements {
namespace {

constexpr std::size_t kUuidSize = 36;
constexpr std::size_t kTimeBytes = 6;
constexpr std::array<std::size_t, 4> kDashes{8, 13, 18, 23};

bool IsDash(std::size_t at) {
  return std::find(kDashes.begin(), kDashes.end(), at) != kDashes.end();
}

}  // namespace

std::string NewUuid(Clock::Wall now) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string bytes = base::RandomBytes(16);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  for (std::size_t i = 0; i < kTimeBytes; ++i) {
    bytes[i] = static_cast<char>(static_cast<std::uint64_t>(ms) >> (8 * (kTimeBytes - 1 - i)));
  }
  const auto set = [&](std::size_t at, unsigned keep, unsigned bits) {
    bytes[at] = static_cast<char>((static_cast<unsigned char>(bytes[at]) & keep) | bits);
  };
  set(6, 0x0F, 0x70);  // version 7
  set(8, 0x3F, 0x80);  // the variant of RFC 4122
  std::string text;
  text.reserve(kUuidSize);
  for (const char c : bytes) {
    if (IsDash(text.size())) text += '-';
    text += kHex[static_cast<unsigned char>(c) >> 4U];
    text += kHex[static_cast<unsigned char>(c) & 0x0FU];
  }
  return text;
}

std::optional<StatementId> ReadStatementId(std::string_view text) {
  if (text.size() < kUuidSize) return std::nullopt;
  for (std::size_t i = 0; i < kUuidSize; ++i) {
    const char c = text[i];
    const bool fits = IsDash(i) ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    if (!fits) return std::nullopt;
  }
  StatementId id{.base = std::string(text.substr(0, kUuidSize)), .of = std::nullopt};
  const auto rest = text.substr(kUuidSize);
  if (rest.empty() || rest == ":") return id;
  if (rest[0] != ':' || rest.size() > 3) return std::nullopt;
  std::size_t number = 0;
  for (const char c : rest.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::size_t>(c - '0');
  }
  id.of = number;
  return id;
}

std::string SubStatementId(std::string_view base, std::size_t position) {
  return fmt::format("{}:{}", base, position);
}

}  // namespace berth::statements
