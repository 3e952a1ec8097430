#include "parser/redact.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "parser/characters.h"
#include "parser/redact_context.h"
#include "parser/secret_values.h"
#include "parser/secret_words.h"

namespace berth::parser {
namespace {

constexpr std::size_t kAuthorityBytesMax = 4096;  // of a URL: user:password@host

// Calls `take` for each word that announces a secret; it says from where to go on.
using TakeWord = std::function<std::size_t(SecretWord kind, std::size_t begin, std::size_t end)>;
void ForEachSecretWord(std::string_view text, const TakeWord& take) {
  for (std::size_t i = 0; i < text.size();) {
    if (!IsTagByte(text[i])) {
      ++i;
      continue;
    }
    while (i < text.size() && IsDigitByte(text[i])) ++i;  // %20password
    const std::size_t begin = i;
    while (i < text.size() && IsTagByte(text[i])) ++i;
    const auto kind = SecretWordOf(text.substr(begin, i - begin));
    if (kind != SecretWord::kNone) i = std::max(i, take(kind, begin, i));
  }
}

// The password of scheme://user:password@host.
void FindInAuthorities(std::string_view text, bool quoted, std::vector<ByteRange>& found) {
  constexpr std::string_view kMark = "://";
  for (auto at = text.find(kMark); at != std::string_view::npos; at = text.find(kMark, at)) {
    at += kMark.size();
    auto authority = text.substr(at, kAuthorityBytesMax);
    authority = authority.substr(0, authority.find_first_of(quoted ? "? \t\r\n'\"" : "?"));
    const auto colon = authority.find(':');
    const auto sign = authority.rfind('@');
    if (sign != std::string_view::npos && colon < sign) found.push_back({at + colon + 1, at + sign});
    at += authority.size();
  }
}

Redacted Masked(std::string_view text, std::vector<ByteRange> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  Redacted out;
  std::size_t at = 0;
  for (const auto& range : ranges) {
    const std::size_t begin = std::max(range.begin, at);
    if (begin >= range.end) continue;
    const auto secret = text.substr(begin, range.end - begin);
    if (secret == kMask) continue;
    out.text += text.substr(at, begin - at);
    if (begin != at || at == 0) out.text += kMask;  // two that touch are one
    out.text.append(static_cast<std::size_t>(std::count(secret.begin(), secret.end(), '\n')), '\n');
    out.held_secret = true;
    out.masked.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(secret.size())});
    at = range.end;
  }
  out.text += text.substr(at);
  return out;
}

}  // namespace

Redacted Redact(std::string_view text) {
  const auto surroundings = SurroundingsOf(text);
  const SecretValues values(text, surroundings);
  std::vector<ByteRange> found;
  ForEachSecretWord(text, [&](SecretWord kind, std::size_t begin, std::size_t end) {
    for (const auto& range : values.Of(kind, begin, end)) {
      found.push_back(range);
      end = std::max(end, range.end);
    }
    return end;
  });
  FindInAuthorities(text, true, found);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((surroundings.bits[i] & kSecretItself) == 0) continue;
    const std::size_t begin = i;
    while (i < text.size() && (surroundings.bits[i] & kSecretItself) != 0) ++i;
    found.push_back({begin, i});
  }
  return Masked(text, std::move(found));
}

std::string RedactUrl(std::string_view url) {
  std::vector<ByteRange> found;
  ForEachSecretWord(url, [&](SecretWord, std::size_t, std::size_t end) {
    std::size_t at = end;
    while (at < url.size() && IsSpaceByte(url[at])) ++at;
    if (at >= url.size() || url[at] != '=') return end;
    found.push_back(SettingValue(url, at + 1, false));
    return found.back().end;
  });
  FindInAuthorities(url, false, found);
  return Masked(url, std::move(found)).text;
}

}  // namespace berth::parser
