#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "berth/error.h"
#include "shell/copy_format.h"

namespace berth::shell {

// What stands behind \copy.
struct CopyCommand {
  enum class Stream : std::uint8_t { kNamed, kStandard, kStatements };  // kStatements: STDIN, as opposed to PSTDIN
  bool from = false;
  std::string statement;  // to: a SELECT that gives the rows; from: a COPY .. FROM STDIN with the options as written
  Stream stream = Stream::kNamed;
  std::string file;     // a path, or "|program"; where kNamed
  CopyOptions options;  // to
};

// Reads psql's \copy { table [(columns)] | (query) } TO { 'file' | PROGRAM 'command' | STDOUT } [options], the options
// in both of COPY's forms, and \copy table [(columns)] FROM { 'file' | PROGRAM 'command' | STDIN | PSTDIN } [options],
// whose options are the server's to judge. Errors: kSyntax with what was expected; kInvalidArgument for values of
// options.
Result<CopyCommand> ReadCopyCommand(std::string_view text);

}  // namespace berth::shell
