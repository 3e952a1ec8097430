#include <fmt/core.h>

#include "base/try.h"
#include "bind/connection_options.h"
#include "bind/option_names.h"
#include "bind/option_values.h"

namespace berth::bind {
namespace {

constexpr std::string_view kCap = "MAX_CONCURRENT_CONNECTIONS";
constexpr std::string_view kComment = "COMMENT";

OptionNames GroupOptionNames() {
  return {.object = "connection group", .known = {kCap, kComment}, .later = {}};
}

}  // namespace

Result<GroupOptions> BindGroupSet(const parser::AlterConnectionSet& change) {
  BERTH_TRY(CheckOptionNames(GroupOptionNames(), NamesOf(change.options)));
  GroupOptions out;
  for (const auto& option : change.options) {
    if (option.name.name == kCap) {
      BERTH_ASSIGN(out.max_concurrent_connections, CountOf(option, 1, kSessionsMax));
    } else {
      BERTH_ASSIGN(out.comment, CommentOf(option));
    }
  }
  return out;
}

Result<GroupOptions> BindGroupCreate(const parser::CreateGroup& statement) {
  BERTH_ASSIGN(auto out, BindGroupSet({.options = statement.options}));
  if (out.max_concurrent_connections) return out;
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("the connection group lacks {}", kCap),
               .hint =
                   "CREATE CONNECTION GROUP wh MAX_CONCURRENT_CONNECTIONS = 60: the sessions that all its "
                   "connections together may have.",
               .span = statement.name.span};
}

Status CheckGroupUnset(const parser::AlterConnectionUnset& change) {
  std::vector<const parser::Identifier*> given;
  given.reserve(change.options.size());
  for (const auto& name : change.options) given.push_back(&name);
  BERTH_TRY(CheckOptionNames(GroupOptionNames(), given));
  for (const auto& name : change.options) {
    if (name.name == kComment) continue;
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("the option {} cannot be unset: a connection group needs it", name.name),
                 .hint = fmt::format("Give it another value: SET {} = ..", name.name),
                 .span = name.span};
  }
  return {};
}

}  // namespace berth::bind
