#include <fmt/core.h>

#include "base/try.h"
#include "shell/copy_command.h"
#include "shell/meta_call.h"
#include "shell/statement_runner.h"

namespace berth::shell {

// Rows to a file by a query, which every server answers; COPY .. TO STDOUT is not Redshift's.
Result<Verdict> MetaCopy(MetaCall& call) {
  auto& console = call.console;
  BERTH_ASSIGN(const auto replaced, console.variables.Replace(call.Argument(0).value_or(""), false));
  BERTH_ASSIGN(const auto command, ReadCopyCommand(replaced));
  std::unique_ptr<Diversion> target;
  if (!command.target.empty()) {
    BERTH_ASSIGN(target, Diversion::Open(command.target));
  }
  Output& to = target ? target->output() : console.results();
  CopyFormat format(command.options, to);
  const auto verdict = RunStatement(console, command.query, call.place,
                                    {.formatter = &format, .to = &to, .to_server = true, .quiet = true});
  if (target) BERTH_TRY(target->Close());
  if (verdict == Verdict::kOk) console.Say(fmt::format("COPY {}\n", format.rows()));
  return verdict;
}

}  // namespace berth::shell
