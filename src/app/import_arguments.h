#pragma once

#include <string>

#include "berth/error.h"

namespace berth::app {

struct ImportArguments {
  bool help = false;
  std::string from;  // "airflow", "dbt", "pgservice" or "dbt-manifest"
  std::string file;  // "-": standard input
  bool apply = false;
  std::string connection;  // of dbt-manifest
  std::string pass_file;   // of pgservice; empty: PGPASSFILE, else ~/.pgpass
  std::string catalog;
};

// argv[1] is "import". Errors: kInvalidArgument.
Result<ImportArguments> ParseImportArguments(int argc, const char* const* argv);

const char* ImportHelpText();

}  // namespace berth::app
