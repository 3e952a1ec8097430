#include "imports/jinja.h"

#include "base/strings.h"

namespace berth::imports {
namespace {

constexpr auto kNone = std::string_view::npos;

// 'text' or "text" at the front, which is taken off.
std::optional<std::string> TakeString(std::string_view& text) {
  text = base::Trim(text);
  if (text.empty() || (text[0] != '\'' && text[0] != '"')) return std::nullopt;
  const auto end = text.find(text[0], 1);
  if (end == kNone) return std::nullopt;
  std::string out(text.substr(1, end - 1));
  text = base::Trim(text.substr(end + 1));
  return out;
}

// What stands between the braces.
std::optional<EnvVar> ReadCall(std::string_view text) {
  constexpr std::string_view kCall = "env_var";
  text = base::Trim(text);
  if (!text.starts_with(kCall)) return std::nullopt;
  text = base::Trim(text.substr(kCall.size()));
  if (text.empty() || text[0] != '(') return std::nullopt;
  text.remove_prefix(1);
  EnvVar out;
  const auto name = TakeString(text);
  if (!name) return std::nullopt;
  out.name = *name;
  if (text.starts_with(',')) {
    text.remove_prefix(1);
    out.otherwise = TakeString(text);
    if (!out.otherwise) return std::nullopt;
  }
  if (!text.starts_with(')')) return std::nullopt;
  text = base::Trim(text.substr(1));
  if (!text.empty() && text[0] != '|') return std::nullopt;  // a filter (as_number, as_bool) changes no text
  return out;
}

}  // namespace

std::optional<EnvVar> ReadEnvVar(std::string_view text) {
  text = base::Trim(text);
  if (!text.starts_with("{{") || text.find("}}") != text.size() - 2) return std::nullopt;
  return ReadCall(text.substr(2, text.size() - 4));
}

std::optional<std::string> Expanded(std::string_view text, const Variables& variables, std::string& missing) {
  std::string out;
  for (auto begin = text.find("{{"); begin != kNone; begin = text.find("{{")) {
    const auto end = text.find("}}", begin);
    const auto call = end == kNone ? std::nullopt : ReadCall(text.substr(begin + 2, end - begin - 2));
    if (!call) {
      missing = "an expression that is not env_var";
      return std::nullopt;
    }
    const auto value = variables(call->name);
    if (!value && !call->otherwise) {
      missing = "the variable " + call->name + ", which is not set";
      return std::nullopt;
    }
    out += text.substr(0, begin);
    out += value ? *value : *call->otherwise;
    text.remove_prefix(end + 2);
  }
  return out.append(text);
}

}  // namespace berth::imports
