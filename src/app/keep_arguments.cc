#include "app/keep_arguments.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <string_view>

#include "parser/redact.h"

namespace berth::app {
namespace {

constexpr const char* kHelp =
    R"(berth backup FOLDER [--with-key]   copies the catalog while it is in use
berth restore FOLDER               puts a copy where the catalog is to be
berth check                        mends what a crash left in what is stored
berth rekey                        seals the passwords with a new key

      --catalog URL   as for berth
      --with-key      the key as well: whoever has both can read the passwords

FOLDER is new or empty for a backup. restore never replaces a catalog: move the
old one away first. check asks a warehouse only about tables whose CREATE or
DROP was cut off. The key file keeps the keys of before behind the new one, so
that older backups still open.
Exit status: 0; 1 something is wrong or was refused; 2 usage; 3 the catalog
could not be opened.
)";

Error Usage(std::string message) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = std::move(message),
               .hint = "berth backup --help says what there is."};
}

}  // namespace

Result<KeepArguments> ParseKeepArguments(int argc, const char* const* argv) {
  KeepArguments out;
  out.command = argv[1];
  const bool takes_folder = out.command == "backup" || out.command == "restore";
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", out.help);
  app.add_option("--catalog", out.catalog)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  if (out.command == "backup") app.add_flag("--with-key", out.with_key);
  if (takes_folder) app.add_option("FOLDER", out.folder)->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  try {
    app.parse(argc - 1, argv + 1);  // the command stands where the program's name is looked for
  } catch (const CLI::Error& error) {
    return Usage(fmt::format("berth {}: {}", out.command, parser::Redact(error.what()).text));
  }
  if (takes_folder && out.folder.empty() && !out.help) {
    return Usage(fmt::format("berth {} takes the folder of the backup", out.command));
  }
  return out;
}

const char* KeepHelpText() {
  return kHelp;
}

}  // namespace berth::app
