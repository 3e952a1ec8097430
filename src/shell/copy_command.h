#pragma once

#include <string>
#include <string_view>

#include "berth/error.h"
#include "shell/copy_format.h"

namespace berth::shell {

// What stands behind \copy.
struct CopyCommand {
  std::string query;   // a SELECT that gives the rows
  std::string target;  // a path, or "|program"; empty: standard output
  CopyOptions options;
};

// Reads psql's \copy { table [(columns)] | (query) } TO { 'file' | PROGRAM 'command' | STDOUT } [options], the options
// in both of COPY's forms. Errors: kSyntax with what was expected; kNotSupported for FROM (with what to use instead)
// and for options that only the server could follow.
Result<CopyCommand> ReadCopyCommand(std::string_view text);

}  // namespace berth::shell
