#pragma once

#include <string>
#include <string_view>

namespace berth::statements {

// Appends `text` as a JSON string, quotes included. Bytes that are no UTF-8 become U+FFFD, each.
void AppendJsonString(std::string& json, std::string_view text);

}  // namespace berth::statements
