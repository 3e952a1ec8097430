#include <errno.h>
#include <fmt/core.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "base/try.h"
#include "shell/history.h"
#include "shell/meta_call.h"
#include "shell/meta_commands.h"
#include "shell/meta_help.h"
#include "shell/program.h"
#include "shell/screen.h"
#include "shell/script.h"
#include "shell/text_width.h"

namespace berth::shell {

Result<Verdict> MetaConnect(MetaCall& call) {
  auto& conversation = call.console.conversation;
  if (!call.arguments.empty()) BERTH_TRY(UseConnection(conversation, call.arguments[0]));
  const auto connection = conversation.state().connection;
  call.console.Say(connection.empty() ? "No connection is in use.\n"
                                      : fmt::format("The connection in use is \"{}\".\n", DisplayOneLine(connection)));
  return Verdict::kOk;
}

Result<Verdict> MetaConnectionInfo(MetaCall& call) {
  auto& console = call.console;
  const auto state = console.conversation.state();
  std::string out;
  const auto line = [&](std::string_view name, std::string_view value) {
    out += fmt::format("{:<12} {}\n", fmt::format("{}:", name), DisplayOneLine(value));
  };
  line("connection", state.connection.empty() ? "none in use" : state.connection);
  if (const auto session = console.conversation.session()) {
    line("database", session->database);
    line("user", session->user);
    line("host", session->host);
    line("port", std::to_string(session->port));
    line("TLS", session->tls ? "yes" : "no");
    line("server", session->server_version);
    line("backend pid", std::to_string(session->backend_pid));
  } else if (!state.connection.empty()) {
    line("session", "none is open; the next statement opens one");
  }
  line("catalog", console.catalog_name);
  console.results().Append(out);
  return console.FlushResults();
}

Result<Verdict> MetaHelp(MetaCall& call) {
  auto& console = call.console;
  if (console.interactive && !console.diverted) {
    if (const auto screen = Screen::Make(console, true)) {
      screen->Append(MetaHelpText());
      screen->Finish();
      return Verdict::kOk;
    }
  }
  console.results().Append(MetaHelpText());
  return console.FlushResults();
}

Result<Verdict> MetaQuit(MetaCall&) {
  return Verdict::kQuit;
}

// \ir: beside the script that it stands in.
Result<Verdict> MetaInclude(MetaCall& call) {
  if (call.arguments.empty()) return BadArgument(call.name, "", "FILE");
  std::string path = call.arguments[0];
  const auto folder = call.place.source.rfind('/');
  if (call.name == "\\ir" && !path.starts_with('/') && folder != std::string::npos) {
    path = call.place.source.substr(0, folder + 1) + path;
  }
  return RunFile(call.console, path);
}

Result<Verdict> MetaErrorVerbose(MetaCall& call) {
  auto& console = call.console;
  if (!console.last_error) {
    console.Say("There is no previous error.\n");
    return Verdict::kOk;
  }
  auto messages = console.settings.messages;
  messages.verbosity = Verbosity::kVerbose;
  const auto& last = *console.last_error;
  console.Say(ErrorText(last.error, last.statement, last.place, messages));
  return Verdict::kOk;
}

// \s, \s FILE: the history, oldest first, one entry after the other.
Result<Verdict> MetaHistory(MetaCall& call) {
  auto& console = call.console;
  if (console.history_file.empty()) {
    return Error{.code = ErrorCode::kInvalidArgument, .message = "\\s: only the interactive shell has a history"};
  }
  BERTH_ASSIGN(const auto entries, History(console.history_file).Load());
  std::string text;
  for (const auto& entry : entries) text += entry + "\n";
  if (!call.arguments.empty()) {
    BERTH_ASSIGN(const auto file, Diversion::Open(call.arguments[0]));
    file->output().Append(text);
    BERTH_TRY(file->Close());
    return Verdict::kOk;
  }
  if (const auto screen = console.interactive ? Screen::Make(console, true) : nullptr) {
    screen->Append(text);
    return Verdict::kOk;
  }
  console.results().Append(text);
  return console.FlushResults();
}

Result<Verdict> MetaShell(MetaCall& call) {
  std::string command = call.Argument(0).value_or("");
  if (command.empty()) {
    const char* shell = ::secure_getenv("SHELL");
    command = shell != nullptr ? shell : "/bin/sh";
  }
  call.console.out.Flush();
  BERTH_ASSIGN(auto program, Program::Start(command, Program::Pipe::kNone));
  const int status = program.Wait();
  call.console.interrupts.Clear();  // a Ctrl-C was the program's
  call.console.variables.Note("SHELL_ERROR", status == 0 ? "false" : "true");
  call.console.variables.Note("SHELL_EXIT_CODE", std::to_string(status));
  return Verdict::kOk;
}

Result<Verdict> MetaChangeFolder(MetaCall& call) {
  const char* home = ::secure_getenv("HOME");
  const std::string folder = call.Argument(0).value_or(home != nullptr ? home : "/");
  if (::chdir(folder.c_str()) == 0) return Verdict::kOk;
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("cannot go to {}: {}", folder, std::generic_category().message(errno))};
}

}  // namespace berth::shell
