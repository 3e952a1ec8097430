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
#define BERTH_BUILD(Name) \
  case P::Rule##Name:     \
    return Of(static_cast<P::Name##Context&>(tree))
  switch (tree.getRuleIndex()) {
    BERTH_BUILD(CreateConnection);
    BERTH_BUILD(AlterConnection);
    BERTH_BUILD(DropConnection);
    BERTH_BUILD(ShowConnections);
    BERTH_BUILD(ShowConnectionOptions);
    BERTH_BUILD(ShowCreateConnection);
    BERTH_BUILD(ShowDependents);
    BERTH_BUILD(TestConnection);
    BERTH_BUILD(PauseConnection);
    BERTH_BUILD(ResumeConnection);
    BERTH_BUILD(CreateGroup);
    BERTH_BUILD(AlterGroup);
    BERTH_BUILD(DropGroup);
    BERTH_BUILD(ShowGroups);
    BERTH_BUILD(ShowCreateGroup);
    BERTH_BUILD(RotatePassword);
    BERTH_BUILD(CreateSecret);
    BERTH_BUILD(AlterSecret);
    BERTH_BUILD(DropSecret);
    BERTH_BUILD(ShowSecrets);
    BERTH_BUILD(ShowCreateSecret);
    BERTH_BUILD(ShowHistory);
    BERTH_BUILD(Explain);
    BERTH_BUILD(ShowPools);
    BERTH_BUILD(ShowSlots);
    BERTH_BUILD(ShowSessions);
    BERTH_BUILD(CreateTable);
    BERTH_BUILD(DropTable);
    BERTH_BUILD(AttachTable);
    BERTH_BUILD(DetachTable);
    BERTH_BUILD(CreateJob);
    BERTH_BUILD(AlterJob);
    BERTH_BUILD(DropJob);
    BERTH_BUILD(AttachJob);
    BERTH_BUILD(DetachJob);
    BERTH_BUILD(ShowJobs);
    BERTH_BUILD(ShowCreateJob);
    BERTH_BUILD(PauseJob);
    BERTH_BUILD(ResumeJob);
    BERTH_BUILD(RunJob);
    BERTH_BUILD(ShowJobRuns);
    BERTH_BUILD(CreateServiceUser);
    BERTH_BUILD(AlterServiceUser);
    BERTH_BUILD(DropServiceUser);
    BERTH_BUILD(ShowServiceUsers);
    BERTH_BUILD(CreateAccessKey);
    BERTH_BUILD(EnableAccessKey);
    BERTH_BUILD(DropAccessKey);
    BERTH_BUILD(ShowAccessKeys);
    BERTH_BUILD(GrantUsage);
    BERTH_BUILD(RevokeUsage);
    BERTH_BUILD(ShowGrants);
    BERTH_BUILD(Use);
    BERTH_BUILD(ExecuteOnConnection);
    BERTH_BUILD(SetSetting);
    BERTH_BUILD(ShowSetting);
    default:
      break;
  }
#undef BERTH_BUILD
  error_ = Error{.code = ErrorCode::kInternal, .message = "a statement of the grammar has no builder"};
  return ShowConnectionOptions{};
}

}  // namespace berth::parser
