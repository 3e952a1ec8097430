#include "app/import_arguments.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "parser/redact.h"

namespace berth::app {
namespace {

constexpr const char* kHelp =
    R"(berth import --from KIND FILE [--apply]
Turns what other programs know of connections into Berth's: prints the script,
or (--apply) makes them at once and seals their passwords. - is standard input.

  --from airflow        airflow connections export: JSON, YAML or env
  --from dbt            profiles.yml, each target of each profile
  --from pgservice      pg_service.conf, with the passwords of a .pgpass
  --from dbt-manifest   target/manifest.json: models and exposures become jobs
                        that live elsewhere, on --connection NAME

      --apply           in one transaction; what is there already is kept
  -C, --connection NAME     the connection that dbt's project runs on
      --passfile FILE   of pgservice (default: PGPASSFILE, else ~/.pgpass)
      --catalog URL     as for berth

A script never holds a password: it asks for variables, which it names. The same
host, database and user become one connection. What could not be carried stands
at the script's end, or on standard error.
Exit status: 0; 1 the file is not what it should be, or a statement failed;
2 usage; 3 the catalog could not be opened.
)";

Error Usage(std::string message) {
  return Error{.code = ErrorCode::kInvalidArgument,
               .message = std::move(message),
               .hint = "berth import --help says what there is."};
}

}  // namespace

Result<ImportArguments> ParseImportArguments(int argc, const char* const* argv) {
  ImportArguments out;
  CLI::App app;
  const auto once = CLI::MultiOptionPolicy::Throw;
  app.set_help_flag();
  app.add_flag("-h,--help", out.help);
  app.add_option("--from", out.from)->multi_option_policy(once);
  app.add_flag("--apply", out.apply);
  app.add_option("-C,--connection", out.connection)->multi_option_policy(once);
  app.add_option("--passfile", out.pass_file)->multi_option_policy(once);
  app.add_option("--catalog", out.catalog)->multi_option_policy(once);
  app.add_option("FILE", out.file)->multi_option_policy(once);
  try {
    app.parse(argc - 1, argv + 1);
  } catch (const CLI::Error& error) {
    return Usage(fmt::format("berth import: {}", parser::Redact(error.what()).text));
  }
  if (out.help) return out;
  const bool manifest = out.from == "dbt-manifest";
  if (!manifest && out.from != "airflow" && out.from != "dbt" && out.from != "pgservice")
    return Usage("berth import takes --from airflow, dbt, pgservice or dbt-manifest");
  if (out.file.empty()) return Usage("berth import takes a file");
  if (manifest == out.connection.empty()) {
    return Usage(manifest ? "--from dbt-manifest takes --connection NAME: a manifest does not say where it runs"
                          : "--connection is for --from dbt-manifest alone");
  }
  if (!out.pass_file.empty() && out.from != "pgservice") return Usage("--passfile is for --from pgservice alone");
  return out;
}

const char* ImportHelpText() {
  return kHelp;
}

}  // namespace berth::app
