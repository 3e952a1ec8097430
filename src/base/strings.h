#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace berth::base {

// ASCII only, whatever the locale: SQL keywords and bare names fold so.
std::string ToLower(std::string_view text);
std::string ToUpper(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::string_view Trim(std::string_view text);  // white space at both ends

bool IsValidUtf8(std::string_view text);
// "name" or "\"Na me\"": quoted only where a bare name would not read back as the same (lower case, [a-z_][a-z0-9_]*).
std::string QuoteIdentifier(std::string_view name);
// 'it''s': quotes doubled, nothing else touched.
std::string QuoteLiteral(std::string_view text);

// The one of `known` that `typed` most likely meant (Damerau-Levenshtein at most a third of its length, ignoring case);
// nullopt: none is near.
std::optional<std::string_view> DidYouMean(std::string_view typed, std::span<const std::string_view> known);

// "30s", "500ms", "10m", "2h", "1d", or a bare number of seconds, as milliseconds; nullopt: not a duration or too
// large.
std::optional<long long> ParseDurationMs(std::string_view text);

}  // namespace berth::base
