#include <type_traits>
#include <utility>
#include <variant>

#include "parser/antlr_build.h"

namespace berth::parser {

Statement Builder::Of(P::RotatePasswordContext& tree) {
  return RotatePassword{.name = NameOf(tree.connectionName())};
}

Statement Builder::Of(P::CreateSecretContext& tree) {
  return CreateSecret{.or_replace = tree.orReplace() != nullptr,
                      .if_not_exists = tree.ifNotExists() != nullptr,
                      .name = NameOf(tree.secretName()),
                      .value = ValueOf(*tree.value())};
}

Statement Builder::Of(P::AlterSecretContext& tree) {
  AlterSecret alter{.if_exists = tree.ifExists() != nullptr, .name = NameOf(tree.secretName()), .change = {}};
  if (auto* rename = tree.renameSecretClause(); rename != nullptr) {
    alter.change = AlterConnectionRename{.new_name = NameOf(rename->secretName())};
  } else {
    alter.change = ValueOf(*tree.value());
  }
  return alter;
}

Statement Builder::Of(P::DropSecretContext& tree) {
  return DropSecret{.if_exists = tree.ifExists() != nullptr,
                    .name = NameOf(tree.secretName()),
                    .behavior = BehaviorOf(tree.dropBehavior())};
}

Statement Builder::Of(P::ShowSecretsContext& tree) {
  return ShowSecrets{.like = PatternOf(tree.like())};
}

Statement Builder::Of(P::ShowCreateSecretContext& tree) {
  return ShowCreateSecret{.name = NameOf(tree.secretName())};
}

Statement Builder::Of(P::ShowHistoryContext& tree) {
  return ShowHistory{.name = NameOf(tree.connectionName())};
}

Statement Builder::Of(P::ExplainContext& tree) {
  auto* inner = static_cast<antlr4::ParserRuleContext*>(tree.explained()->children.front());
  return std::visit(
      [this](auto&& statement) -> Statement {
        using T = std::decay_t<decltype(statement)>;
        if constexpr (std::is_constructible_v<Explained, std::in_place_type_t<T>, T>) {
          return Explain{.statement = std::forward<decltype(statement)>(statement)};
        } else {
          error_ = Error{.code = ErrorCode::kInternal, .message = "a statement that EXPLAIN does not know"};
          return ShowConnectionOptions{};
        }
      },
      Dispatch(*inner));
}

}  // namespace berth::parser
