#include <utility>

#include "parser/antlr_build.h"

namespace berth::parser {

Statement Builder::Of(P::CreateGroupContext& tree) {
  return CreateGroup{.or_replace = tree.orReplace() != nullptr,
                     .if_not_exists = tree.ifNotExists() != nullptr,
                     .name = NameOf(tree.groupName()),
                     .options = OptionsOf(*tree.optionList())};
}

Statement Builder::Of(P::AlterGroupContext& tree) {
  AlterGroup alter{.if_exists = tree.ifExists() != nullptr, .name = NameOf(tree.groupName()), .change = {}};
  if (auto* unset = tree.unsetClause(); unset != nullptr) {
    alter.change = UnsetOf(*unset);
  } else if (auto* rename = tree.renameGroupClause(); rename != nullptr) {
    alter.change = AlterConnectionRename{.new_name = NameOf(rename->groupName())};
  } else {
    alter.change = SetOf(tree.setClause());
  }
  return alter;
}

Statement Builder::Of(P::DropGroupContext& tree) {
  return DropGroup{.if_exists = tree.ifExists() != nullptr, .name = NameOf(tree.groupName())};
}

Statement Builder::Of(P::ShowGroupsContext& tree) {
  return ShowGroups{.like = PatternOf(tree.like())};
}

Statement Builder::Of(P::ShowCreateGroupContext& tree) {
  return ShowCreateGroup{.name = NameOf(tree.groupName())};
}

Statement Builder::Of(P::ShowPoolsContext&) {
  return ShowPools{};
}

Statement Builder::Of(P::ShowSlotsContext& tree) {
  return ShowSlots{.name = NameOf(tree.connectionName())};
}

Statement Builder::Of(P::ShowSessionsContext& tree) {
  return ShowSessions{.name = NameOf(tree.connectionName())};
}

}  // namespace berth::parser
