#include <fmt/core.h>

#include "base/strings.h"
#include "base/try.h"
#include "shell/meta_call.h"
#include "shell/text_width.h"

namespace berth::shell {
namespace {

std::optional<Verbosity> VerbosityNamed(std::string_view name) {
  if (name == "default") return Verbosity::kDefault;
  if (name == "verbose") return Verbosity::kVerbose;
  if (name == "terse") return Verbosity::kTerse;
  if (name == "sqlstate") return Verbosity::kSqlstate;
  return std::nullopt;
}

// psql's variables that change how the shell goes about things.
Status Heed(Settings& settings, std::string_view name, const std::string& value) {
  if (name == "ON_ERROR_STOP") {
    const auto on = OnOrOff(value);
    if (!on) return BadArgument("\\set ON_ERROR_STOP", value, "on or off");
    settings.stop_on_error = *on;
  } else if (name == "VERBOSITY") {
    const auto verbosity = VerbosityNamed(value);
    if (!verbosity) return BadArgument("\\set VERBOSITY", value, "default, verbose, terse or sqlstate");
    settings.messages.verbosity = *verbosity;
  } else if (name == "ECHO") {
    if (value != "all" && value != "queries" && value != "none") {
      return BadArgument("\\set ECHO", value, "all, queries or none");
    }
    settings.echo = value != "none";
  }
  return {};
}

}  // namespace

Result<Verdict> MetaSet(MetaCall& call) {
  auto& console = call.console;
  if (call.arguments.empty()) {
    for (const auto& [name, value] : console.variables.all()) {
      console.results().Append(fmt::format("{} = '{}'\n", name, DisplayOneLine(value)));
    }
    return console.FlushResults();
  }
  std::string value;
  for (std::size_t i = 1; i < call.arguments.size(); ++i) value += call.arguments[i];
  const auto& name = call.arguments[0];
  BERTH_TRY(Heed(console.settings, name, call.arguments.size() == 1 && name == "ON_ERROR_STOP" ? "on" : value));
  BERTH_TRY(console.variables.Set(name, value));
  return Verdict::kOk;
}

Result<Verdict> MetaUnset(MetaCall& call) {
  if (call.arguments.empty()) return BadArgument(call.name, "", "NAME");
  auto& settings = call.console.settings;
  const auto& name = call.arguments[0];
  if (name == "ON_ERROR_STOP") settings.stop_on_error = false;
  if (name == "VERBOSITY") settings.messages.verbosity = Verbosity::kDefault;
  if (name == "ECHO") settings.echo = false;
  call.console.variables.Unset(name);
  return Verdict::kOk;
}

// \echo to standard output, \qecho to where results go, \warn to standard error. -n: without the newline.
Result<Verdict> MetaEcho(MetaCall& call) {
  auto& console = call.console;
  const bool newline = call.arguments.empty() || call.arguments[0] != "-n";
  std::string text;
  for (std::size_t i = newline ? 0 : 1; i < call.arguments.size(); ++i) {
    if (i > (newline ? 0U : 1U)) text += ' ';
    text += call.arguments[i];
  }
  if (newline) text += '\n';
  if (call.name == "\\warn") {
    console.Say(text);
    return Verdict::kOk;
  }
  Output& to = call.name == "\\qecho" ? console.results() : console.out;
  to.Append(text);
  to.Flush();
  return console.FlushResults();
}

}  // namespace berth::shell
