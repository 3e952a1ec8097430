#include <utility>

#include "parser/antlr_build.h"

namespace berth::parser {
namespace {

// WITH (VALIDATE), WITH (VALIDATE = TRUE)
bool Validates(BerthParser::ValidationContext* clause) {
  return clause != nullptr && clause->FALSE() == nullptr;
}

}  // namespace

Statement Builder::Of(P::CreateConnectionContext& tree) {
  return CreateConnection{.or_replace = tree.orReplace() != nullptr,
                          .if_not_exists = tree.ifNotExists() != nullptr,
                          .name = NameOf(tree.connectionName()),
                          .options = OptionsOf(*tree.optionList()),
                          .validate = Validates(tree.validation())};
}

Statement Builder::Of(P::AlterConnectionContext& tree) {
  AlterConnection alter{.if_exists = tree.ifExists() != nullptr, .name = NameOf(tree.connectionName()), .change = {}};
  if (auto* unset = tree.unsetClause(); unset != nullptr) {
    alter.change = UnsetOf(*unset);
  } else if (auto* rename = tree.renameClause(); rename != nullptr) {
    alter.change = AlterConnectionRename{.new_name = NameOf(rename->connectionName())};
  } else {
    alter.change = SetOf(tree.setClause());
  }
  alter.validate = Validates(tree.validation());
  return alter;
}

Statement Builder::Of(P::DropConnectionContext& tree) {
  return DropConnection{.if_exists = tree.ifExists() != nullptr,
                        .name = NameOf(tree.connectionName()),
                        .behavior = BehaviorOf(tree.dropBehavior())};
}

Statement Builder::Of(P::ShowConnectionsContext& tree) {
  return ShowConnections{.like = PatternOf(tree.like())};
}

Statement Builder::Of(P::ShowConnectionOptionsContext&) {
  return ShowConnectionOptions{};
}

Statement Builder::Of(P::ShowCreateConnectionContext& tree) {
  return ShowCreateConnection{.name = NameOf(tree.connectionName())};
}

Statement Builder::Of(P::ShowDependentsContext& tree) {
  if (auto* secret = tree.secretName(); secret != nullptr) return ShowSecretDependents{.name = NameOf(secret)};
  return ShowDependents{.name = NameOf(tree.connectionName()), .verify = tree.VERIFY() != nullptr};
}

Statement Builder::Of(P::TestConnectionContext& tree) {
  return TestConnection{.name = NameOf(tree.connectionName())};
}

Statement Builder::Of(P::PauseConnectionContext& tree) {
  PauseConnection pause{.name = NameOf(tree.connectionName())};
  if (auto* clause = tree.pauseFor(); clause != nullptr) {
    pause.duration = clause->unit() != nullptr ? DurationOf(TokenOf(clause->Number()), TokenOf(clause->getStop()))
                                               : StringOf(TokenOf(clause->String()));
  }
  if (tree.WAIT() != nullptr) pause.mode = PauseMode::kWait;
  if (tree.REFUSE() != nullptr) pause.mode = PauseMode::kRefuse;
  if (auto* clause = tree.pauseComment(); clause != nullptr) pause.comment = StringText(TokenOf(clause->String()));
  return pause;
}

Statement Builder::Of(P::ResumeConnectionContext& tree) {
  return ResumeConnection{.name = NameOf(tree.connectionName())};
}

Statement Builder::Of(P::UseContext& tree) {
  return Use{.connection_keyword = tree.CONNECTION() != nullptr, .name = NameOf(tree.connectionName())};
}

Statement Builder::Of(P::ExecuteOnConnectionContext& tree) {
  ExecuteOnConnection execute{.connection = NameOf(tree.connectionName())};
  execute.text = DollarTextOf(tree.DollarText(), execute.text_span);
  return execute;
}

}  // namespace berth::parser
