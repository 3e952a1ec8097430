#include <string>
#include <string_view>
#include <variant>

#include "parser/parse.h"
#include "parser/print_value.h"

namespace berth::parser {
namespace {

std::string_view If(bool condition, std::string_view text) {
  return condition ? text : std::string_view();
}

std::string_view BehaviorText(DropBehavior behavior) {
  switch (behavior) {
    case DropBehavior::kDefault:
      return "";
    case DropBehavior::kRestrict:
      return " RESTRICT";
    case DropBehavior::kCascade:
      return " CASCADE";
  }
  return "";
}

constexpr std::string_view kSecretValue = "SECRET";  // a name whose values are masked

// One operator for each statement, so that a new one does not build until it is printed.
class Printer {
 public:
  explicit Printer(PrintMode mode) : mode_(mode) {}

  void operator()(const CreateConnection& s) {
    Add({"CREATE ", If(s.or_replace, "OR REPLACE "), "REDSHIFT CONNECTION ", If(s.if_not_exists, "IF NOT EXISTS ")});
    Name(s.name);
    Options(s.options);
    Validation(s.validate);
  }
  void operator()(const AlterConnection& s) {
    Add({"ALTER REDSHIFT CONNECTION ", If(s.if_exists, "IF EXISTS ")});
    Name(s.name);
    std::visit([this](const auto& change) { (*this)(change); }, s.change);
    Validation(s.validate);
  }
  void operator()(const RotatePassword& s) {
    Add({"ALTER REDSHIFT CONNECTION "});
    Name(s.name);
    Add({" ROTATE PASSWORD"});
  }
  void operator()(const CreateSecret& s) {
    Add({"CREATE ", If(s.or_replace, "OR REPLACE "), "SECRET ", If(s.if_not_exists, "IF NOT EXISTS ")});
    Name(s.name);
    Add({" AS ", PrintValue(s.value, kSecretValue, mode_)});
  }
  void operator()(const AlterSecret& s) {
    Add({"ALTER SECRET ", If(s.if_exists, "IF EXISTS ")});
    Name(s.name);
    std::visit([this](const auto& change) { (*this)(change); }, s.change);
  }
  void operator()(const Value& value) { Add({" AS ", PrintValue(value, kSecretValue, mode_)}); }
  void operator()(const DropSecret& s) {
    Add({"DROP SECRET ", If(s.if_exists, "IF EXISTS ")});
    Name(s.name);
    Add({BehaviorText(s.behavior)});
  }
  void operator()(const ShowSecrets& s) {
    Add({"SHOW SECRETS"});
    Like(s.like);
  }
  void operator()(const ShowCreateSecret& s) {
    Add({"SHOW CREATE SECRET "});
    Name(s.name);
  }
  void operator()(const ShowSecretDependents& s) {
    Add({"SHOW DEPENDENTS OF SECRET "});
    Name(s.name);
  }
  void operator()(const ShowHistory& s) {
    Add({"SHOW HISTORY OF CONNECTION "});
    Name(s.name);
  }
  void operator()(const Explain& s) {
    Add({"EXPLAIN "});
    std::visit([this](const auto& statement) { (*this)(statement); }, s.statement);
  }
  void operator()(const CreateGroup& s) {
    Add({"CREATE ", If(s.or_replace, "OR REPLACE "), "CONNECTION GROUP ", If(s.if_not_exists, "IF NOT EXISTS ")});
    Name(s.name);
    Options(s.options);
  }
  void operator()(const AlterGroup& s) {
    Add({"ALTER CONNECTION GROUP ", If(s.if_exists, "IF EXISTS ")});
    Name(s.name);
    std::visit([this](const auto& change) { (*this)(change); }, s.change);
  }
  void operator()(const DropGroup& s) {
    Add({"DROP CONNECTION GROUP ", If(s.if_exists, "IF EXISTS ")});
    Name(s.name);
  }
  void operator()(const ShowGroups& s) {
    Add({"SHOW CONNECTION GROUPS"});
    Like(s.like);
  }
  void operator()(const ShowCreateGroup& s) {
    Add({"SHOW CREATE CONNECTION GROUP "});
    Name(s.name);
  }
  void operator()(const PauseConnection& s) {
    Add({"PAUSE CONNECTION "});
    Name(s.name);
    if (s.duration) Add({" FOR ", PrintValue(*s.duration, "", mode_)});
    Add({If(s.mode == PauseMode::kWait, " WAIT"), If(s.mode == PauseMode::kRefuse, " REFUSE")});
    if (s.comment) Add({" COMMENT ", PrintValue(Value{.text = *s.comment}, "", mode_)});
  }
  void operator()(const ResumeConnection& s) {
    Add({"RESUME CONNECTION "});
    Name(s.name);
  }
  void operator()(const ShowPools&) { Add({"SHOW POOLS"}); }
  void operator()(const ShowSlots& s) {
    Add({"SHOW SLOTS OF CONNECTION "});
    Name(s.name);
  }
  void operator()(const ShowSessions& s) {
    Add({"SHOW SESSIONS OF CONNECTION "});
    Name(s.name);
  }
  void operator()(const AlterConnectionSet& change) {
    for (const auto& option : change.options) {
      NewLine();
      Add({"SET ", PrintOption(option, mode_)});
    }
  }
  void operator()(const AlterConnectionUnset& change) {
    NewLine();
    Add({"UNSET"});
    for (const auto& name : change.options) Add({If(&name != &change.options.front(), ","), " ", name.name});
  }
  void operator()(const AlterConnectionRename& change) {
    Add({" RENAME TO "});
    Name(change.new_name);
  }
  void operator()(const DropConnection& s) {
    Add({"DROP CONNECTION ", If(s.if_exists, "IF EXISTS ")});
    Name(s.name);
    Add({BehaviorText(s.behavior)});
  }
  void operator()(const ShowConnections& s) {
    Add({"SHOW CONNECTIONS"});
    Like(s.like);
  }
  void operator()(const ShowConnectionOptions&) { Add({"SHOW CONNECTION OPTIONS"}); }
  void operator()(const ShowCreateConnection& s) {
    Add({"SHOW CREATE CONNECTION "});
    Name(s.name);
  }
  void operator()(const ShowDependents& s) {
    Add({"SHOW DEPENDENTS OF CONNECTION "});
    Name(s.name);
    Add({If(s.verify, " VERIFY")});
  }
  void operator()(const TestConnection& s) {
    Add({"TEST CONNECTION "});
    Name(s.name);
  }
  void operator()(const CreateTable& s) {
    Add({"CREATE TABLE ", If(s.if_not_exists, "IF NOT EXISTS "), PrintTable(s.name, mode_), " ",
         PrintTail(s.rest, mode_)});
  }
  void operator()(const DropTable& s) {
    Add({"DROP TABLE ", If(s.if_exists, "IF EXISTS "), PrintTable(s.name, mode_), BehaviorText(s.behavior)});
  }
  void operator()(const AttachTable& s) { Add({"ATTACH TABLE ", PrintTable(s.name, mode_)}); }
  void operator()(const DetachTable& s) { Add({"DETACH TABLE ", PrintTable(s.name, mode_)}); }
  void operator()(const CreateJob& s) {
    Add({"CREATE ", If(s.or_replace, "OR REPLACE "), If(s.sync, "SYNC "), "JOB ",
         If(s.if_not_exists, "IF NOT EXISTS ")});
    Name(s.name);
    Options(s.options);
    Add({mode_ == PrintMode::kStable ? " " : "\n", "AS ",
         s.script ? PrintDollarText(s.body, mode_) : PrintTail(s.body, mode_)});
  }
  void operator()(const AlterJob& s) {
    Add({"ALTER JOB ", If(s.if_exists, "IF EXISTS ")});
    Name(s.name);
    std::visit([this](const auto& change) { (*this)(change); }, s.change);
  }
  void operator()(const DropJob& s) {
    Add({"DROP JOB ", If(s.if_exists, "IF EXISTS ")});
    Name(s.name);
  }
  void operator()(const AttachJob& s) {
    Add({"ATTACH JOB "});
    Name(s.name);
    Add({" USING CONNECTION "});
    for (const auto& connection : s.connections) {
      Add({If(&connection != &s.connections.front(), ", ")});
      Name(connection);
    }
  }
  void operator()(const DetachJob& s) {
    Add({"DETACH JOB ", If(s.if_exists, "IF EXISTS ")});
    Name(s.name);
  }
  void operator()(const ShowJobs& s) {
    Add({"SHOW JOBS"});
    Like(s.like);
  }
  void operator()(const ShowCreateJob& s) {
    Add({"SHOW CREATE JOB "});
    Name(s.name);
  }
  void operator()(const PauseJob& s) {
    Add({"PAUSE JOB "});
    Name(s.name);
  }
  void operator()(const ResumeJob& s) {
    Add({"RESUME JOB "});
    Name(s.name);
  }
  void operator()(const RunJob& s) {
    Add({"RUN JOB "});
    Name(s.name);
    if (s.timeout) Add({" TIMEOUT ", PrintValue(*s.timeout, "", mode_)});
  }
  void operator()(const ShowJobRuns& s) {
    Add({"SHOW JOB RUNS", If(s.job.has_value(), " OF ")});
    if (s.job) Name(*s.job);
  }
  void operator()(const CreateServiceUser& s) {
    Add({"CREATE SERVICE USER ", If(s.if_not_exists, "IF NOT EXISTS ")});
    Name(s.name);
    Options(s.options);
  }
  void operator()(const AlterServiceUser& s) {
    Add({"ALTER SERVICE USER ", If(s.if_exists, "IF EXISTS ")});
    Name(s.name);
    std::visit([this](const auto& change) { (*this)(change); }, s.change);
  }
  void operator()(const DropServiceUser& s) {
    Add({"DROP SERVICE USER ", If(s.if_exists, "IF EXISTS ")});
    Name(s.name);
  }
  void operator()(const ShowServiceUsers& s) {
    Add({"SHOW SERVICE USERS"});
    Like(s.like);
  }
  void operator()(const CreateAccessKey& s) {
    Add({"CREATE ACCESS KEY FOR "});
    Name(s.user);
    Options(s.options);
  }
  void operator()(const EnableAccessKey& s) {
    Add({s.enable ? "ENABLE" : "DISABLE", " ACCESS KEY "});
    Name(s.key);
  }
  void operator()(const DropAccessKey& s) {
    Add({"DROP ACCESS KEY ", If(s.if_exists, "IF EXISTS ")});
    Name(s.key);
  }
  void operator()(const ShowAccessKeys& s) {
    Add({"SHOW ACCESS KEYS"});
    Name(" FOR ", s.user);
  }
  void operator()(const GrantUsage& s) {
    Add({"GRANT USAGE ON CONNECTION "});
    Name(s.connection);
    Add({" TO SERVICE USER "});
    Name(s.user);
    if (s.limits.empty()) return;
    for (const auto& limit : s.limits) Add({&limit == &s.limits.front() ? " WITH (" : ", ", PrintOption(limit, mode_)});
    Add({")"});
  }
  void operator()(const RevokeUsage& s) {
    Add({"REVOKE USAGE ON CONNECTION "});
    Name(s.connection);
    Add({" FROM SERVICE USER "});
    Name(s.user);
  }
  void operator()(const ShowGrants& s) {
    Add({"SHOW GRANTS"});
    Name(" ON CONNECTION ", s.connection);
    Name(" TO SERVICE USER ", s.user);
  }
  void operator()(const Use& s) {
    Add({"USE ", If(s.connection_keyword, "CONNECTION ")});
    Name(s.name);
  }
  void operator()(const ExecuteOnConnection& s) {
    Add({"EXECUTE ON CONNECTION "});
    Name(s.connection);
    Add({" AS ", PrintDollarText(s.text, mode_)});
  }
  void operator()(const SetSetting& s) {
    Add({"SET berth."});
    Name(s.name);
    Add({" = ", PrintValue(s.value, s.name.name, mode_)});
  }
  void operator()(const ShowSetting& s) {
    Add({"SHOW berth."});
    Name(s.name);
  }

  std::string Take() { return std::move(out_); }

 private:
  void Add(std::initializer_list<std::string_view> pieces) {
    for (const auto piece : pieces) out_ += piece;
  }
  void Name(const Identifier& name) { out_ += PrintName(name.name, mode_); }
  void Name(std::string_view before, const std::optional<Identifier>& name) {
    if (!name) return;
    Add({before});
    Name(*name);
  }
  void NewLine() { out_ += mode_ == PrintMode::kStable ? " " : "\n    "; }
  void Options(const std::vector<Option>& options) {
    for (const auto& option : options) {
      NewLine();
      out_ += PrintOption(option, mode_);
    }
  }
  void Validation(bool validate) {
    if (!validate) return;
    NewLine();
    Add({"WITH (VALIDATE = TRUE)"});
  }
  void Like(const std::optional<std::string>& pattern) {
    if (pattern) Add({" LIKE ", PrintValue(Value{.text = *pattern}, "", mode_)});
  }

  PrintMode mode_;
  std::string out_;
};

}  // namespace

std::string Print(const Statement& statement, PrintMode mode) {
  Printer printer(mode);
  std::visit([&](const auto& s) { printer(s); }, statement);
  return printer.Take();
}

}  // namespace berth::parser
