#include <string_view>
#include <utility>

#include "base/strings.h"
#include "parser/antlr_build.h"
#include "parser/scan.h"

namespace berth::parser {
namespace {

// Nothing but white space, comments and semicolons.
bool HoldsNoStatement(std::string_view script) {
  Scanner scanner(script, /*backslash_escapes=*/false);
  auto token = scanner.Next();
  while (token.IsSymbol(';')) token = scanner.Next();
  return token.kind == TokenKind::kEnd;
}

}  // namespace

Statement Builder::Of(P::CreateTableContext& tree) {
  const Token& rest = TokenOf(tree.Tail());
  return CreateTable{.if_not_exists = tree.ifNotExists() != nullptr,
                     .name = TableOf(*tree.tableName()),
                     .rest = std::string(rest.text),
                     .rest_span = ToSpan(rest)};
}

Statement Builder::Of(P::DropTableContext& tree) {
  if (const auto further = tree.furtherTable(); !further.empty() && !error_) {
    error_ = Error{.code = ErrorCode::kNotSupported,
                   .message = "DROP TABLE of several tables is not supported where a connection is named",
                   .hint = "Drop one table at a time.",
                   .span = SpanOf(TokenOf(further.front()->getStart()))};
  }
  return DropTable{.if_exists = tree.ifExists() != nullptr,
                   .name = TableOf(*tree.tableName()),
                   .behavior = BehaviorOf(tree.dropBehavior())};
}

Statement Builder::Of(P::AttachTableContext& tree) {
  return AttachTable{.name = TableOf(*tree.tableName())};
}

Statement Builder::Of(P::DetachTableContext& tree) {
  return DetachTable{.name = TableOf(*tree.tableName())};
}

Statement Builder::Of(P::CreateJobContext& tree) {
  CreateJob job{.or_replace = tree.orReplace() != nullptr,
                .if_not_exists = tree.ifNotExists() != nullptr,
                .sync = tree.SYNC() != nullptr,
                .name = NameOf(tree.jobName()),
                .options = OptionsOf(*tree.optionList())};
  if (auto* tail = tree.jobBody()->Tail(); tail != nullptr) {
    job.body = std::string(TokenOf(tail).text);
    job.body_span = ToSpan(TokenOf(tail));
  } else {
    job.script = true;
    job.body = DollarTextOf(tree.jobBody()->DollarText(), job.body_span);
    if (!error_ && HoldsNoStatement(job.body)) {
      error_ = Error{.code = ErrorCode::kSyntax,
                     .message = "the script of job " + base::QuoteIdentifier(job.name.name) + " holds no statement",
                     .hint = "Write what it runs between the $$, with semicolons between statements.",
                     .span = SpanOf(TokenOf(tree.jobBody()->DollarText()))};
    }
  }
  return job;
}

Statement Builder::Of(P::AlterJobContext& tree) {
  AlterJob alter{.if_exists = tree.ifExists() != nullptr, .name = NameOf(tree.jobName()), .change = {}};
  if (auto* unset = tree.unsetClause(); unset != nullptr) {
    alter.change = UnsetOf(*unset);
  } else if (auto* rename = tree.renameJobClause(); rename != nullptr) {
    alter.change = AlterConnectionRename{.new_name = NameOf(rename->jobName())};
  } else {
    alter.change = SetOf(tree.setClause());
  }
  return alter;
}

Statement Builder::Of(P::DropJobContext& tree) {
  return DropJob{.if_exists = tree.ifExists() != nullptr, .name = NameOf(tree.jobName())};
}

Statement Builder::Of(P::AttachJobContext& tree) {
  AttachJob attach{.name = NameOf(tree.jobName()), .connections = {}};
  for (auto* connection : tree.connectionName()) attach.connections.push_back(NameOf(connection));
  return attach;
}

Statement Builder::Of(P::DetachJobContext& tree) {
  return DetachJob{.if_exists = tree.ifExists() != nullptr, .name = NameOf(tree.jobName())};
}

Statement Builder::Of(P::ShowJobsContext& tree) {
  return ShowJobs{.like = PatternOf(tree.like())};
}

Statement Builder::Of(P::ShowCreateJobContext& tree) {
  return ShowCreateJob{.name = NameOf(tree.jobName())};
}

Statement Builder::Of(P::PauseJobContext& tree) {
  return PauseJob{.name = NameOf(tree.jobName())};
}

Statement Builder::Of(P::ResumeJobContext& tree) {
  return ResumeJob{.name = NameOf(tree.jobName())};
}

Statement Builder::Of(P::RunJobContext& tree) {
  RunJob run{.name = NameOf(tree.jobName()), .timeout = {}};
  if (auto* clause = tree.runTimeout(); clause != nullptr) {
    run.timeout = clause->unit() != nullptr ? DurationOf(TokenOf(clause->Number()), TokenOf(clause->getStop()))
                                            : StringOf(TokenOf(clause->String()));
  }
  return run;
}

Statement Builder::Of(P::ShowJobRunsContext& tree) {
  ShowJobRuns show;
  if (auto* name = tree.jobName(); name != nullptr) show.job = NameOf(name);
  return show;
}

Statement Builder::Of(P::SetSettingContext& tree) {
  return SetSetting{.name = NameOf(tree.settingName()), .value = ValueOf(*tree.value())};
}

Statement Builder::Of(P::ShowSettingContext& tree) {
  return ShowSetting{.name = NameOf(tree.settingName())};
}

}  // namespace berth::parser
