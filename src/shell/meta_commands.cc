#include "shell/meta_commands.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "base/try.h"
#include "shell/meta_call.h"
#include "shell/meta_words.h"
#include "shell/script.h"
#include "shell/text_width.h"

namespace berth::shell {
namespace {

using W = MetaWords;

constexpr auto kCommands = std::to_array<MetaCommand>({
    {"\\q", 0, W::kWords, MetaQuit},
    {"\\quit", 0, W::kWords, MetaQuit},
    {"\\?", 0, W::kWords, MetaHelp},
    {"\\c", 1, W::kWords, MetaConnect},
    {"\\connect", 1, W::kWords, MetaConnect},
    {"\\conninfo", 0, W::kWords, MetaConnectionInfo},
    {"\\timing", 1, W::kWords, MetaTiming},
    {"\\x", 1, W::kWords, MetaExpanded},
    {"\\a", 0, W::kWords, MetaUnaligned},
    {"\\t", 1, W::kWords, MetaTuplesOnly},
    {"\\f", 1, W::kWords, MetaFieldSeparator},
    {"\\C", 1, W::kWords, MetaTitle},
    {"\\pset", 2, W::kWords, MetaPrintSetting},
    {"\\o", 1, W::kFileOrPipe, MetaOutput},
    {"\\out", 1, W::kFileOrPipe, MetaOutput},
    {"\\set", kAnyNumber, W::kWords, MetaSet},
    {"\\unset", 1, W::kWords, MetaUnset},
    {"\\echo", kAnyNumber, W::kWords, MetaEcho},
    {"\\qecho", kAnyNumber, W::kWords, MetaEcho},
    {"\\warn", kAnyNumber, W::kWords, MetaEcho},
    {"\\g", kAnyNumber, W::kFileOrPipe, MetaGo},
    {"\\gx", kAnyNumber, W::kFileOrPipe, MetaGo},
    {"\\gset", 1, W::kWords, MetaGoSet},
    {"\\gexec", 0, W::kWords, MetaGoExecute},
    {"\\gdesc", 0, W::kWords, MetaGoDescribe},
    {"\\watch", 1, W::kWords, MetaWatch},
    {"\\p", 0, W::kWords, MetaPrintBuffer},
    {"\\print", 0, W::kWords, MetaPrintBuffer},
    {"\\r", 0, W::kWords, MetaResetBuffer},
    {"\\reset", 0, W::kWords, MetaResetBuffer},
    {"\\w", 1, W::kFileOrPipe, MetaWriteBuffer},
    {"\\write", 1, W::kFileOrPipe, MetaWriteBuffer},
    {"\\e", 1, W::kWords, MetaEdit},
    {"\\edit", 1, W::kWords, MetaEdit},
    {"\\i", 1, W::kWords, MetaInclude},
    {"\\include", 1, W::kWords, MetaInclude},
    {"\\ir", 1, W::kWords, MetaInclude},
    {"\\s", 1, W::kWords, MetaHistory},
    {"\\errverbose", 0, W::kWords, MetaErrorVerbose},
    {"\\!", 1, W::kWholeLine, MetaShell},
    {"\\cd", 1, W::kWords, MetaChangeFolder},
    {"\\copy", 1, W::kWholeLine, MetaCopy},
    {"\\l", 1, W::kWords, MetaDatabases},
    {"\\list", 1, W::kWords, MetaDatabases},
    {"\\dn", 1, W::kWords, MetaSchemas},
    {"\\df", 1, W::kWords, MetaFunctions},
    {"\\connections", 1, W::kWords, MetaBerth},
    {"\\jobs", 1, W::kWords, MetaBerth},
    {"\\secrets", 1, W::kWords, MetaBerth},
    {"\\history", 1, W::kWords, MetaBerth},
    {"\\deps", 1, W::kWords, MetaBerth},
    {"\\pools", 0, W::kWords, MetaBerth},
    {"\\slots", 1, W::kWords, MetaBerth},
    {"\\sessions", 1, W::kWords, MetaBerth},
});

// \d and the letters that it may have behind it: \dt, \dv, \dtv ..
constexpr MetaCommand kDescribe{"\\d", 1, W::kWords, MetaDescribe};
constexpr std::string_view kDescribeLetters = "tvmisE";

// \if and its like. What was written of a statement in a branch that is not run goes with the branch.
Status TakeCondition(const MetaCall& call) {
  auto& console = call.console;
  if (console.conditions == nullptr || console.input == nullptr) {
    return Error{.code = ErrorCode::kNotSupported, .message = fmt::format("{} stands in scripts", call.name)};
  }
  if (call.name == "\\if" && console.runs() && console.input->pending()) {
    return Error{.code = ErrorCode::kNotSupported,
                 .message = "\\if stands between statements, not within one",
                 .hint = "Put the parts that differ into variables, or write the statement twice."};
  }
  if (!console.runs()) console.input->DropPending();
  return console.conditions->Take(call.name, call.Argument(0).value_or(""));
}

const MetaCommand* Find(std::string_view name) {
  for (const auto& command : kCommands) {
    if (command.name == name) return &command;
  }
  if (name.starts_with("\\d") && name.substr(2).find_first_not_of(kDescribeLetters) == std::string_view::npos) {
    return &kDescribe;
  }
  return nullptr;
}

Error Unknown(std::string_view name) {
  const auto names = MetaCommandNames();
  const auto meant = base::DidYouMean(name, names);
  return Error{.code = ErrorCode::kNotFound,
               .message = fmt::format("there is no command {}", DisplayOneLine(name)),
               .hint = meant ? fmt::format("Did you mean {}? \\? lists the commands.", *meant)
                             : std::string("\\? lists the commands.")};
}

// Takes the command's arguments off the front of `text`.
void TakeArguments(MetaCall& call, MetaWords words, std::string_view& text) {
  const auto take = [&] {
    auto word = TakeMetaWord(text, call.console.variables);
    if (!word) return false;
    call.arguments.push_back(*std::move(word));
    return true;
  };
  if (words == W::kFileOrPipe && base::Trim(text).starts_with('(')) {
    while (take() && !call.arguments.back().ends_with(')')) {
    }
  }
  const auto trimmed = base::Trim(text);
  if (words == W::kWholeLine || (words == W::kFileOrPipe && trimmed.starts_with('|'))) {
    if (!trimmed.empty()) call.arguments.emplace_back(trimmed);
    text = {};
    return;
  }
  while (take()) {
  }
}

// Takes one command with its arguments off the front of `text`.
Result<Verdict> RunOne(Console& console, std::string_view& text, const Place& place) {
  const std::size_t length = std::min(text.find_first_of(" \t\r\n\\", 1), text.size());
  // \! and \? are whole with one character; \!ls is \! ls.
  const std::size_t name_length = text.starts_with("\\!") || text.starts_with("\\?") ? 2 : length;
  MetaCall call{.console = console, .name = std::string(text.substr(0, name_length)), .place = place};
  text.remove_prefix(name_length);
  call.rest = text;
  const bool condition = Conditions::IsWord(call.name);
  const auto* command = Find(call.name);
  if (command == nullptr && !condition && console.runs()) return Unknown(call.name);
  TakeArguments(call, command != nullptr ? command->words : W::kWords, text);
  if (condition) {
    BERTH_TRY(TakeCondition(call));
    return Verdict::kOk;
  }
  if (!console.runs()) {
    if (console.input != nullptr) console.input->DropPending();
    return Verdict::kOk;
  }
  if (call.arguments.size() > command->arguments_max) {
    return Error{
        .code = ErrorCode::kInvalidArgument,
        .message = fmt::format("{} takes at most {} argument{}, {} were given", call.name, command->arguments_max,
                               command->arguments_max == 1 ? "" : "s", call.arguments.size())};
  }
  return command->run(call);
}

}  // namespace

std::vector<std::string_view> MetaCommandNames() {
  std::vector<std::string_view> names{"\\d", "\\dt", "\\dv", "\\dm", "\\di", "\\ds"};
  for (const auto& command : kCommands) names.push_back(command.name);
  names.insert(names.end(), {"\\if", "\\elif", "\\else", "\\endif"});
  return names;
}

Error BadArgument(std::string_view command, std::string_view given, std::string_view right) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("{} does not take \"{}\"", command, DisplayOneLine(given)),
               .hint = fmt::format("Write {} {}.", command, right)};
}

std::optional<bool> OnOrOff(std::string_view text) {
  const auto word = base::ToLower(text);
  const auto begins = [&](std::string_view whole, std::size_t least) {
    return word.size() >= least && whole.starts_with(word);
  };
  if (begins("true", 1) || begins("yes", 1) || word == "on" || word == "1") return true;
  if (begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0") return false;
  return std::nullopt;
}

Verdict RunMetaCommand(Console& console, std::string_view text, const Place& place) {
  const auto line = console.runs() ? console.variables.ReplaceBraces(text) : Result<std::string>(std::string(text));
  if (!line.ok()) return console.Fail(line.error(), text, place);
  std::string_view left = line.value();
  while (true) {
    const auto verdict = RunOne(console, left, place);
    if (!verdict.ok()) return console.Fail(verdict.error(), "", place);
    left = base::Trim(left);
    if (verdict.value() != Verdict::kOk || left.empty()) return verdict.value();
    if (left.starts_with("\\\\")) {  // psql's end of a command
      left.remove_prefix(2);
      if (base::Trim(left).empty()) return Verdict::kOk;
      return RunScript(console, {.name = place.source, .text = std::string(left), .fd = -1});
    }
  }
}

Status UseConnection(Conversation& conversation, std::string_view name) {
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
    std::string inside(name.substr(1, name.size() - 2));
    for (auto at = inside.find("\"\""); at != std::string::npos; at = inside.find("\"\"", at + 1)) inside.erase(at, 1);
    return conversation.Use(inside);
  }
  auto used = conversation.Use(name);
  const auto folded = base::ToLower(name);
  if (used.ok() || used.error().code != ErrorCode::kNotFound || folded == name) return used;
  auto again = conversation.Use(folded);
  return again.ok() || again.error().code != ErrorCode::kNotFound ? std::move(again) : std::move(used);
}

}  // namespace berth::shell
