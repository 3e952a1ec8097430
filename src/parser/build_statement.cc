#include <utility>

#include "parser/antlr_build.h"

namespace berth::parser {

Result<Statement> Builder::Build(BerthParser::EntryContext& entry) {
  auto* tree = static_cast<antlr4::ParserRuleContext*>(entry.statement()->children.front());
  Statement statement = Dispatch(*tree);
  if (error_) return *std::move(error_);
  return statement;
}

// The rule's number says which class the tree is of.
Statement Builder::Dispatch(antlr4::ParserRuleContext& tree) {
  switch (tree.getRuleIndex()) {
    case P::RuleCreateConnection:
      return Of(static_cast<P::CreateConnectionContext&>(tree));
    case P::RuleAlterConnection:
      return Of(static_cast<P::AlterConnectionContext&>(tree));
    case P::RuleDropConnection:
      return Of(static_cast<P::DropConnectionContext&>(tree));
    case P::RuleShowConnections:
      return Of(static_cast<P::ShowConnectionsContext&>(tree));
    case P::RuleShowConnectionOptions:
      return Of(static_cast<P::ShowConnectionOptionsContext&>(tree));
    case P::RuleShowCreateConnection:
      return Of(static_cast<P::ShowCreateConnectionContext&>(tree));
    case P::RuleShowDependents:
      return Of(static_cast<P::ShowDependentsContext&>(tree));
    case P::RuleTestConnection:
      return Of(static_cast<P::TestConnectionContext&>(tree));
    case P::RuleCreateTable:
      return Of(static_cast<P::CreateTableContext&>(tree));
    case P::RuleDropTable:
      return Of(static_cast<P::DropTableContext&>(tree));
    case P::RuleAttachTable:
      return Of(static_cast<P::AttachTableContext&>(tree));
    case P::RuleDetachTable:
      return Of(static_cast<P::DetachTableContext&>(tree));
    case P::RuleCreateJob:
      return Of(static_cast<P::CreateJobContext&>(tree));
    case P::RuleAlterJob:
      return Of(static_cast<P::AlterJobContext&>(tree));
    case P::RuleDropJob:
      return Of(static_cast<P::DropJobContext&>(tree));
    case P::RuleAttachJob:
      return Of(static_cast<P::AttachJobContext&>(tree));
    case P::RuleDetachJob:
      return Of(static_cast<P::DetachJobContext&>(tree));
    case P::RuleShowJobs:
      return Of(static_cast<P::ShowJobsContext&>(tree));
    case P::RuleShowCreateJob:
      return Of(static_cast<P::ShowCreateJobContext&>(tree));
    case P::RuleUse:
      return Of(static_cast<P::UseContext&>(tree));
    case P::RuleExecuteOnConnection:
      return Of(static_cast<P::ExecuteOnConnectionContext&>(tree));
    case P::RuleSetSetting:
      return Of(static_cast<P::SetSettingContext&>(tree));
    case P::RuleShowSetting:
      return Of(static_cast<P::ShowSettingContext&>(tree));
    default:
      break;
  }
  error_ = Error{.code = ErrorCode::kInternal, .message = "a statement of the grammar has no builder"};
  return ShowConnectionOptions{};
}

}  // namespace berth::parser
