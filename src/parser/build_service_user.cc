#include <utility>

#include "base/strings.h"
#include "parser/antlr_build.h"

namespace berth::parser {

Identifier Builder::KeyOf(P::KeyNameContext& tree) {
  auto key = NameOf(&tree);
  key.name = base::ToUpper(key.name);
  return key;
}

Statement Builder::Of(P::CreateServiceUserContext& tree) {
  return CreateServiceUser{.if_not_exists = tree.ifNotExists() != nullptr,
                           .name = NameOf(tree.userName()),
                           .options = OptionsOf(*tree.optionList())};
}

Statement Builder::Of(P::AlterServiceUserContext& tree) {
  AlterServiceUser alter{.if_exists = tree.ifExists() != nullptr, .name = NameOf(tree.userName()), .change = {}};
  if (auto* unset = tree.unsetClause(); unset != nullptr) {
    alter.change = UnsetOf(*unset);
  } else {
    alter.change = SetOf(tree.setClause());
  }
  return alter;
}

Statement Builder::Of(P::DropServiceUserContext& tree) {
  return DropServiceUser{.if_exists = tree.ifExists() != nullptr, .name = NameOf(tree.userName())};
}

Statement Builder::Of(P::ShowServiceUsersContext& tree) {
  return ShowServiceUsers{.like = PatternOf(tree.like())};
}

Statement Builder::Of(P::CreateAccessKeyContext& tree) {
  return CreateAccessKey{.user = NameOf(tree.userName()), .options = OptionsOf(*tree.optionList())};
}

Statement Builder::Of(P::EnableAccessKeyContext& tree) {
  return EnableAccessKey{.enable = tree.ENABLE() != nullptr, .key = KeyOf(*tree.keyName())};
}

Statement Builder::Of(P::DropAccessKeyContext& tree) {
  return DropAccessKey{.if_exists = tree.ifExists() != nullptr, .key = KeyOf(*tree.keyName())};
}

Statement Builder::Of(P::ShowAccessKeysContext& tree) {
  ShowAccessKeys show;
  if (auto* user = tree.userName(); user != nullptr) show.user = NameOf(user);
  return show;
}

Statement Builder::Of(P::GrantUsageContext& tree) {
  GrantUsage grant{.connection = NameOf(tree.connectionName()), .user = NameOf(tree.userName()), .limits = {}};
  auto* limits = tree.grantLimits();
  if (limits == nullptr) return grant;
  grant.limits.push_back(OptionOf(*limits->option()));
  for (auto& option : OptionsOf(*limits->optionList())) grant.limits.push_back(std::move(option));
  return grant;
}

Statement Builder::Of(P::RevokeUsageContext& tree) {
  return RevokeUsage{.connection = NameOf(tree.connectionName()), .user = NameOf(tree.userName())};
}

Statement Builder::Of(P::ShowGrantsContext& tree) {
  ShowGrants show;
  if (auto* connection = tree.connectionName(); connection != nullptr) show.connection = NameOf(connection);
  if (auto* user = tree.userName(); user != nullptr) show.user = NameOf(user);
  return show;
}

}  // namespace berth::parser
