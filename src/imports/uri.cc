#include "imports/uri.h"

#include <algorithm>
#include <charconv>

namespace berth::imports {
namespace {

constexpr auto kNone = std::string_view::npos;

// What stands before `end`, which is taken off as well; all of it where `end` is not there.
std::string_view TakeUntil(std::string_view& text, char end) {
  const auto at = text.find(end);
  const auto taken = text.substr(0, at);
  text.remove_prefix(at == kNone ? text.size() : at + 1);
  return taken;
}

// In a query a '+' is a blank.
std::string UnescapedQuery(std::string_view text) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return Unescaped(blanks);
}

void ReadHost(std::string_view text, Uri& uri) {
  const auto colon = text.rfind(':');
  const auto bracket = text.find(']');
  const bool port = colon != kNone && (bracket == kNone || colon > bracket);
  uri.host = Unescaped(text.substr(0, port ? colon : kNone));
  if (port) uri.port = text.substr(colon + 1);
  if (uri.host.size() > 2 && uri.host.front() == '[' && uri.host.back() == ']')
    uri.host = uri.host.substr(1, uri.host.size() - 2);
}

}  // namespace

std::string Unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    const auto* const digits = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      out.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string Escaped(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  static constexpr std::string_view kPlain = "-_.~/";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (letter || kPlain.find(c) != kNone) {
      out.push_back(c);
    } else {
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return out;
}

std::optional<Uri> ReadUri(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == kNone || scheme == 0) return std::nullopt;
  Uri uri;
  uri.scheme = text.substr(0, scheme);
  text.remove_prefix(scheme + 3);
  const auto fragment = text.find('#');
  text = text.substr(0, fragment);
  auto query = text;
  auto place = TakeUntil(query, '?');
  const auto slash = place.find('/');
  auto authority = place.substr(0, slash);
  if (slash != kNone) uri.path = Unescaped(place.substr(slash + 1));
  const auto at = authority.rfind('@');
  if (at != kNone) {
    auto user = authority.substr(0, at);
    uri.user = Unescaped(TakeUntil(user, ':'));
    uri.password = Unescaped(user);
    authority.remove_prefix(at + 1);
  }
  ReadHost(authority, uri);
  while (!query.empty()) {
    auto pair = TakeUntil(query, '&');
    const auto name = UnescapedQuery(TakeUntil(pair, '='));
    uri.query[name] = UnescapedQuery(pair);
  }
  return uri;
}

}  // namespace berth::imports
