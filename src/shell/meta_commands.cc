#include "shell/meta_commands.h"

#include <fmt/core.h>

#include <array>
#include <vector>

#include "base/strings.h"
#include "shell/text_width.h"

namespace berth::shell {
namespace {

constexpr std::string_view kHelp = R"(  \c [CONNECTION]        use a connection; without a name: which is in use
  \conninfo              the connection, its session and the catalog
  \timing [on|off]       say how long each statement took
  \x [on|off|auto]       one line a value (auto: where the table is wider than the screen)
  \?                     this
  \q                     leave
Statements end with a semicolon. Berth's own, such as CREATE REDSHIFT CONNECTION, SHOW CONNECTIONS and USE, act on the
catalog; all others go to the connection in use.
)";

using Arguments = std::vector<std::string>;

// Words by white space; "a b" and 'a b' are one word, with their quotes.
Arguments Words(std::string_view text) {
  Arguments words;
  while (!(text = base::Trim(text)).empty()) {
    std::size_t end = 0;
    char quote = 0;
    for (; end < text.size() && (quote != 0 || text.find_first_of(" \t", end) != end); ++end) {
      if (quote == 0 && (text[end] == '"' || text[end] == '\'')) {
        quote = text[end];
      } else if (text[end] == quote) {
        quote = 0;
      }
    }
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

Error BadArgument(std::string_view command, std::string_view given, std::string_view right) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = fmt::format("{} does not take \"{}\"", command, given),
               .hint = fmt::format("Write {} {}.", command, right)};
}

Result<Verdict> Connect(Console& console, const Arguments& arguments) {
  if (!arguments.empty()) {
    if (auto used = UseConnection(console.conversation, arguments[0]); !used.ok()) return std::move(used).TakeError();
  }
  const auto connection = console.conversation.state().connection;
  console.Say(connection.empty() ? "No connection is in use.\n"
                                 : fmt::format("The connection in use is \"{}\".\n", DisplayOneLine(connection)));
  return Verdict::kOk;
}

Result<Verdict> Timing(Console& console, const Arguments& arguments) {
  if (arguments.empty()) {
    console.settings.timing = !console.settings.timing;
  } else if (arguments[0] == "on" || arguments[0] == "off") {
    console.settings.timing = arguments[0] == "on";
  } else {
    return BadArgument("\\timing", arguments[0], "[on|off]");
  }
  console.Say(console.settings.timing ? "Timing is on.\n" : "Timing is off.\n");
  return Verdict::kOk;
}

Result<Verdict> Expand(Console& console, const Arguments& arguments) {
  auto& expanded = console.settings.expanded;
  if (arguments.empty()) {
    expanded = expanded == Expanded::kOff ? Expanded::kOn : Expanded::kOff;
  } else if (arguments[0] == "on" || arguments[0] == "off") {
    expanded = arguments[0] == "on" ? Expanded::kOn : Expanded::kOff;
  } else if (arguments[0] == "auto") {
    expanded = Expanded::kAuto;
  } else {
    return BadArgument("\\x", arguments[0], "[on|off|auto]");
  }
  console.Say(expanded == Expanded::kAuto ? "Expanded display is used automatically.\n"
              : expanded == Expanded::kOn ? "Expanded display is on.\n"
                                          : "Expanded display is off.\n");
  return Verdict::kOk;
}

Result<Verdict> ConnectionInfo(Console& console, const Arguments&) {
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
  console.out.Append(out);
  return console.FlushResults();
}

Result<Verdict> Help(Console& console, const Arguments&) {
  console.out.Append(kHelp);
  return console.FlushResults();
}

Result<Verdict> Quit(Console&, const Arguments&) {
  return Verdict::kQuit;
}

struct MetaCommand {
  std::string_view name;
  std::size_t arguments_max;
  Result<Verdict> (*run)(Console&, const Arguments&);
};
constexpr std::array<MetaCommand, 6> kCommands{{{"\\q", 0, Quit},
                                                {"\\?", 0, Help},
                                                {"\\c", 1, Connect},
                                                {"\\timing", 1, Timing},
                                                {"\\x", 1, Expand},
                                                {"\\conninfo", 0, ConnectionInfo}}};

Result<Verdict> Dispatch(Console& console, std::string_view text) {
  Arguments words = Words(text);
  const std::string name = words.empty() ? std::string("\\") : words.front();
  if (!words.empty()) words.erase(words.begin());
  for (const auto& command : kCommands) {
    if (command.name != name) continue;
    if (words.size() > command.arguments_max) {
      return Error{.code = ErrorCode::kInvalidArgument,
                   .message = fmt::format("{} takes at most {} argument{}, {} were given", name, command.arguments_max,
                                          command.arguments_max == 1 ? "" : "s", words.size())};
    }
    return command.run(console, words);
  }
  return Error{.code = ErrorCode::kNotFound,
               .message = fmt::format("there is no command {}", DisplayOneLine(name)),
               .hint = R"(The commands are \q \? \c \timing \x \conninfo; \? says what they do.)"};
}

}  // namespace

Verdict RunMetaCommand(Console& console, std::string_view text, const Place& place) {
  const auto replaced = console.variables.Replace(text);
  if (!replaced.ok()) return console.Fail(replaced.error(), text, place);
  const auto verdict = Dispatch(console, replaced.value());
  return verdict.ok() ? verdict.value() : console.Fail(verdict.error(), "", place);
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
