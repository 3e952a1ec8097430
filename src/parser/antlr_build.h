#pragma once

#include <optional>
#include <string>
#include <vector>

#include "parser/antlr_grammar.h"
#include "parser/ast.h"
#include "parser/words.h"

namespace berth::parser {

// Makes the AST of a tree. What the grammar cannot say (the length of names, one table at a time) is found out here;
// the first such error is kept, and Build returns it.
class Builder {
 public:
  explicit Builder(const std::vector<Word>& words) : words_(words) {}
  Result<Statement> Build(BerthParser::EntryContext& entry);

 private:
  using P = BerthParser;

  Statement Dispatch(antlr4::ParserRuleContext& tree);

  // build_connection.cc
  Statement Of(P::CreateConnectionContext& tree);
  Statement Of(P::AlterConnectionContext& tree);
  Statement Of(P::DropConnectionContext& tree);
  Statement Of(P::ShowConnectionsContext& tree);
  Statement Of(P::ShowConnectionOptionsContext& tree);
  Statement Of(P::ShowCreateConnectionContext& tree);
  Statement Of(P::ShowDependentsContext& tree);
  Statement Of(P::TestConnectionContext& tree);
  Statement Of(P::PauseConnectionContext& tree);
  Statement Of(P::ResumeConnectionContext& tree);
  Statement Of(P::UseContext& tree);
  Statement Of(P::ExecuteOnConnectionContext& tree);

  // build_group.cc: groups, and what runs
  Statement Of(P::CreateGroupContext& tree);
  Statement Of(P::AlterGroupContext& tree);
  Statement Of(P::DropGroupContext& tree);
  Statement Of(P::ShowGroupsContext& tree);
  Statement Of(P::ShowCreateGroupContext& tree);
  Statement Of(P::ShowPoolsContext& tree);
  Statement Of(P::ShowSlotsContext& tree);
  Statement Of(P::ShowSessionsContext& tree);

  // build_secret.cc: secrets, history, EXPLAIN
  Statement Of(P::RotatePasswordContext& tree);
  Statement Of(P::CreateSecretContext& tree);
  Statement Of(P::AlterSecretContext& tree);
  Statement Of(P::DropSecretContext& tree);
  Statement Of(P::ShowSecretsContext& tree);
  Statement Of(P::ShowCreateSecretContext& tree);
  Statement Of(P::ShowHistoryContext& tree);
  Statement Of(P::ExplainContext& tree);

  // build_job.cc: jobs, tables and settings
  Statement Of(P::CreateTableContext& tree);
  Statement Of(P::DropTableContext& tree);
  Statement Of(P::AttachTableContext& tree);
  Statement Of(P::DetachTableContext& tree);
  Statement Of(P::CreateJobContext& tree);
  Statement Of(P::AlterJobContext& tree);
  Statement Of(P::DropJobContext& tree);
  Statement Of(P::AttachJobContext& tree);
  Statement Of(P::DetachJobContext& tree);
  Statement Of(P::ShowJobsContext& tree);
  Statement Of(P::ShowCreateJobContext& tree);
  Statement Of(P::PauseJobContext& tree);
  Statement Of(P::ResumeJobContext& tree);
  Statement Of(P::RunJobContext& tree);
  Statement Of(P::ShowJobRunsContext& tree);
  Statement Of(P::SetSettingContext& tree);
  Statement Of(P::ShowSettingContext& tree);

  // build_service_user.cc: service users, their keys and grants
  Statement Of(P::CreateServiceUserContext& tree);
  Statement Of(P::AlterServiceUserContext& tree);
  Statement Of(P::DropServiceUserContext& tree);
  Statement Of(P::ShowServiceUsersContext& tree);
  Statement Of(P::CreateAccessKeyContext& tree);
  Statement Of(P::EnableAccessKeyContext& tree);
  Statement Of(P::DropAccessKeyContext& tree);
  Statement Of(P::ShowAccessKeysContext& tree);
  Statement Of(P::GrantUsageContext& tree);
  Statement Of(P::RevokeUsageContext& tree);
  Statement Of(P::ShowGrantsContext& tree);
  Identifier KeyOf(P::KeyNameContext& tree);

  // build_value.cc
  Option OptionOf(P::OptionContext& tree);
  std::vector<Option> OptionsOf(P::OptionListContext& tree);
  Value ValueOf(P::ValueContext& tree);
  AlterConnectionSet SetOf(const std::vector<P::SetClauseContext*>& clauses);
  AlterConnectionUnset UnsetOf(P::UnsetClauseContext& clause);
  TableName TableOf(P::TableNameContext& tree);
  Identifier NameOf(antlr4::ParserRuleContext* tree);  // for every rule that is one word
  Identifier OptionNameOf(antlr4::ParserRuleContext* tree);
  std::optional<std::string> PatternOf(P::LikeContext* tree);
  DropBehavior BehaviorOf(P::DropBehaviorContext* tree);
  // What stands between dollar quotes, and where.
  std::string DollarTextOf(antlr4::tree::TerminalNode* node, Span& span) const;

  const Token& TokenOf(antlr4::Token* token) const { return words_[token->getTokenIndex()].token; }
  const Token& TokenOf(antlr4::tree::TerminalNode* node) const { return TokenOf(node->getSymbol()); }

  const std::vector<Word>& words_;
  std::optional<Error> error_;
};

Span ToSpan(const Token& token);
// 'it''s' without its quotes.
std::string StringText(const Token& token);
Value StringOf(const Token& token);
Value DurationOf(const Token& number, const Token& unit);

}  // namespace berth::parser
