#include "bind/option_names.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "base/strings.h"
#include "base/try.h"

namespace berth::bind {
namespace {

constexpr std::size_t kShownMax = 60;  // bytes of a name that was typed wrong

Error UnknownOption(const OptionNames& names, const parser::Identifier& given) {
  std::vector<std::string_view> candidates = names.known;
  candidates.insert(candidates.end(), names.later.begin(), names.later.end());
  std::string hint;
  if (const auto meant = base::DidYouMean(given.name, candidates)) {
    hint = fmt::format("Did you mean {}?", *meant);
  } else {
    for (const auto name : names.known) hint += (hint.empty() ? "The options are " : ", ") + std::string(name);
    hint += ".";
  }
  return {.code = ErrorCode::kInvalidArgument,
          .message = fmt::format("a {} has no option {}", names.object, given.name.substr(0, kShownMax)),
          .hint = std::move(hint),
          .span = given.span};
}

bool Contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Status CheckOptionNames(const OptionNames& names, std::span<const parser::Identifier* const> given) {
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto& name = *given[i];
    if (Contains(names.later, name.name)) {
      return Error{.code = ErrorCode::kNotSupported,
                   .message = fmt::format("the {} option {} is not supported by this version", names.object, name.name),
                   .span = name.span};
    }
    if (!Contains(names.known, name.name)) return UnknownOption(names, name);
    for (std::size_t before = 0; before < i; ++before) {
      if (given[before]->name != name.name) continue;
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("the option {} is given twice", name.name),
                   .hint = "Keep one of them.",
                   .span = name.span};
    }
  }
  return {};
}

std::vector<const parser::Identifier*> NamesOf(const std::vector<parser::Option>& options) {
  std::vector<const parser::Identifier*> out;
  out.reserve(options.size());
  for (const auto& option : options) out.push_back(&option.name);
  return out;
}

}  // namespace berth::bind
