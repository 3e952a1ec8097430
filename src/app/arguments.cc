#include "app/arguments.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <map>
#include <string_view>

#include "base/strings.h"
#include "base/try.h"
#include "parser/redact.h"

namespace berth::app {
namespace {

constexpr const char* kHelp =
    R"(berth: Amazon Redshift connections as SQL
  berth [shell] [options]   without -c and -f: a shell, or a script from stdin
  berth exec -C NAME ..     runs a program under the cap (each has its --help)
  berth migrate ..          connections and tables from versioned files
  berth serve, jobs run     answers the Redshift Data API; runs jobs when due
  berth init|doctor|dump|import|backup|restore|check|rekey    keep the catalog

  -c, --command SQL         run statements; may be repeated, also among -f
  -f, --file FILE           run a script; - is standard input (stdin)
  -C, --connection NAME     use this connection (default: BERTH_CONNECTION)
  -o, --output FORMAT       table, unaligned, json, jsonl, csv, tsv or plain
  -e, --echo                print each statement above its result
      --on-error stop|continue    --error-format text|json
      --set NAME=VALUE      ${NAME} and :NAME in statements; may be repeated
      --timeout TIME        for each statement: 500ms, 30s, 10m
      --catalog URL         sqlite:PATH (default: BERTH_CATALOG, the
                            system's, else ~/.local/share/berth/catalog.db)
  -X, --no-berthrc          do not run ~/.berthrc      -h, --help   --version

Results go to standard output, all else to standard error. Exit status: 0 all
statements succeeded, 1 one failed, 2 usage, 3 the catalog could not be opened,
4 no session could be had (worth a retry), 130 interrupted. No passwords after
-c: PASSWORD = ENV 'NAME' or FILE 'path', or -f -. BERTH_KEY_FILE names the key
file (default: beside the catalog). In the shell \? lists its commands.
)";

Error Usage(std::string message) {
  return Error{
      .code = ErrorCode::kInvalidArgument, .message = std::move(message), .hint = "berth --help says what there is."};
}

// What CLI11 gathers, as text.
struct Raw {
  std::string format = "table";
  std::string error_format = "text";
  std::string timeout;
  std::string on_error;
  std::vector<std::string> sets;
  std::vector<std::string> words;  // neither options nor their values
};

Status Interpret(const Raw& raw, Arguments& out) {
  const auto format = shell::OutputFormatNamed(raw.format);
  if (!format) return Usage(fmt::format("-o takes {}, not \"{}\"", shell::OutputFormatNames(), raw.format));
  out.format = *format;
  if (raw.error_format != "text" && raw.error_format != "json") {
    return Usage(fmt::format("--error-format takes text or json, not \"{}\"", raw.error_format));
  }
  out.error_format = raw.error_format == "json" ? shell::MessageForm::kJson : shell::MessageForm::kText;
  if (!raw.timeout.empty()) {
    const auto ms = base::ParseDurationMs(raw.timeout);
    if (!ms || *ms <= 0) {
      return Usage(fmt::format("--timeout takes a time above 0 such as 500ms, 30s or 10m, not \"{}\"", raw.timeout));
    }
    out.timeout = std::chrono::milliseconds(*ms);
  }
  if (!raw.on_error.empty()) {
    if (raw.on_error != "stop" && raw.on_error != "continue") {
      return Usage(fmt::format("--on-error takes stop or continue, not \"{}\"", raw.on_error));
    }
    out.stop_on_error = raw.on_error == "stop";
  }
  for (const auto& set : raw.sets) {
    const auto equals = set.find('=');
    if (equals == std::string::npos) return Usage("--set takes NAME=VALUE: the = is missing");
    out.variables.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  return {};
}

// The command, if the words hold one; "-" is standard input, as after -f.
Status TakeWords(const Raw& raw) {
  bool first = true;
  for (const auto& word : raw.words) {
    const bool command = std::exchange(first, false);
    if (word == "-" || (command && word == "shell")) continue;
    return Usage(fmt::format("\"{}\" is neither a command nor an option; SQL goes after -c, a file after -f", word));
  }
  return {};
}

}  // namespace

Result<Arguments> ParseArguments(int argc, const char* const* argv) {
  Arguments out;
  Raw raw;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", out.help);
  app.add_flag("--version", out.version);
  app.add_flag("-e,--echo", out.echo);
  app.add_flag("-X,--no-berthrc", out.no_start_file);
  const auto once = [&](const char* names, std::string& target) {
    app.add_option(names, target)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  };
  once("-C,--connection", out.connection);
  once("-o,--output", raw.format);
  once("--error-format", raw.error_format);
  once("--catalog", out.catalog);
  once("--timeout", raw.timeout);
  once("--on-error", raw.on_error);
  std::vector<std::string> texts;
  std::vector<std::string> files;
  const auto many = [&](const char* names, std::vector<std::string>& target) {
    return app.add_option(names, target)
        ->allow_extra_args(false)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  };
  const auto* text_option = many("-c,--command", texts);
  const auto* file_option = many("-f,--file", files);
  many("--set", raw.sets);
  auto* word_option = app.add_option("words", raw.words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error& error) {
    return Usage(parser::Redact(error.what()).text);
  }
  if (out.help || out.version) return out;
  BERTH_TRY(TakeWords(raw));
  BERTH_TRY(Interpret(raw, out));

  std::size_t text = 0;
  std::size_t file = 0;
  std::size_t word = 0;
  for (const auto* option : app.parse_order()) {
    if (option == text_option && text < texts.size()) {
      out.scripts.push_back({.is_file = false, .value = texts[text++]});
    } else if (option == file_option && file < files.size()) {
      out.scripts.push_back({.is_file = true, .value = files[file++]});
    } else if (option == word_option && word < raw.words.size()) {
      if (raw.words[word++] == "-") out.scripts.push_back({.is_file = true, .value = "-"});
    }
  }
  return out;
}

const char* HelpText() {
  return kHelp;
}

}  // namespace berth::app
