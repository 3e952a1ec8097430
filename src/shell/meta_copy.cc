#include <fmt/core.h>

#include "base/strings.h"
#include "base/try.h"
#include "shell/copy_command.h"
#include "shell/copy_input.h"
#include "shell/meta_call.h"
#include "shell/statement_runner.h"

namespace berth::shell {
namespace {

using Stream = CopyCommand::Stream;

// Rows to a file by a query, which every server answers; COPY .. TO STDOUT is not Redshift's.
Result<Verdict> CopyTo(const MetaCall& call, const CopyCommand& command) {
  auto& console = call.console;
  std::unique_ptr<Diversion> target;
  if (command.stream == Stream::kNamed) {
    BERTH_ASSIGN(target, Diversion::Open(command.file));
  }
  Output& to = target ? target->output() : console.results();
  CopyFormat format(command.options, to);
  const auto verdict = RunStatement(console, command.statement, call.place,
                                    {.formatter = &format, .to = &to, .to_server = true, .quiet = true});
  if (target) BERTH_TRY(target->Close());
  if (verdict == Verdict::kOk) console.Say(fmt::format("COPY {}\n", format.rows()));
  return verdict;
}

// Standard input may be what the statements come from, or the keyboard.
Status CheckStandardInput(const MetaCall& call, Stream stream) {
  const auto refuse = [](std::string message) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = "\\copy .. from " + std::move(message),
                 .hint = "Name a file, or a program: \\copy t from program 'cat' takes what is typed, up to Ctrl-D."};
  };
  if (call.console.reads_standard_input) return refuse("stdin: the statements come from there");
  if (call.console.interactive && call.console.scripts_open == 0) return refuse("stdin: there is a person at it");
  if (stream == Stream::kStatements && !call.place.source.empty()) {
    return refuse("stdin: rows do not stand in scripts here; pstdin is this program's standard input");
  }
  return {};
}

// Redshift refuses COPY .. FROM STDIN with words that do not say so.
void ExplainRefusal(const Conversation& conversation, Error& error) {
  const auto session = conversation.session();
  if (!session || !session->redshift || error.code != ErrorCode::kServer) return;
  error.detail += fmt::format("{}Redshift takes no rows from a client: its COPY reads S3, DynamoDB, EMR and hosts.",
                              error.detail.empty() ? "" : "\n");
  error.hint =
      "Put the file into S3 and run COPY t FROM 's3://bucket/file' IAM_ROLE default FORMAT CSV; for a few rows, "
      "INSERT INTO t VALUES (..), (..).";
}

Result<Verdict> CopyFrom(const MetaCall& call, const CopyCommand& command) {
  auto& console = call.console;
  if (command.stream != Stream::kNamed) BERTH_TRY(CheckStandardInput(call, command.stream));
  const auto& timeout = console.settings.timeout;
  const auto deadline = timeout ? Deadline::After(console.clock, *timeout) : Deadline::Never();
  BERTH_ASSIGN(const auto input, CopyInput::Open(command.file, console.interrupts, console.clock, deadline));
  const auto next = [&]() -> Result<std::string_view> {
    if (const auto part = input->part(); part && console.progress != nullptr) console.progress->Part(*part);
    return input->Next();
  };
  return RunStatement(console, command.statement, call.place,
                      {.to_server = true, .input = next, .explain = [&](Error& error) {
                         ExplainRefusal(console.conversation, error);
                       }});
}

}  // namespace

Result<Verdict> MetaCopy(MetaCall& call) {
  BERTH_ASSIGN(const auto replaced, call.console.variables.Replace(call.Argument(0).value_or(""), false));
  BERTH_ASSIGN(const auto command, ReadCopyCommand(replaced));
  return command.from ? CopyFrom(call, command) : CopyTo(call, command);
}

}  // namespace berth::shell
