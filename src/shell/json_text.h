#pragma once

#include <string>
#include <string_view>

namespace berth::shell {

// Whether a JSON string may hold the text as it is.
bool IsPlainJson(std::string_view text);
// The text as a JSON string, with its quotes. Bytes that are no UTF-8 (a server with SQL_ASCII can send them) become
// U+FFFD: what is written must be JSON.
std::string JsonQuoted(std::string_view text);

}  // namespace berth::shell
