#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "engine/maintenance.h"
#include "migrations/folder.h"
#include "parser/ast.h"

namespace berth::migrations {

// One statement of a file, or its half for one side.
struct Step {
  enum class Kind : std::uint8_t {
    kCatalog,  // `statement` runs on the catalog
    kRecord,   // the catalog's half of CREATE, DROP or ATTACH TABLE c.s.t
    kSend,     // `text` goes to the warehouse
    kLookFor,  // the warehouse's half of ATTACH TABLE: the table must be there
  };
  Kind kind = Kind::kSend;
  std::size_t line = 1;                        // in the file
  std::string text;                            // redacted for the catalog's steps
  std::optional<parser::Statement> statement;  // kCatalog
  parser::TableName table;                     // kRecord, kLookFor
  engine::TableWork work = engine::TableWork::kCreated;
};

// What of a file is done as one: statements on the catalog, or statements for one connection.
struct Part {
  std::string connection;  // empty: the catalog
  std::vector<Step> steps;

  bool catalog() const { return connection.empty(); }
};

// What a statement does to its session's settings beyond the transaction.
enum class Settles : std::uint8_t {
  kNothing,
  kOnlyThat,     // SET, RESET, SELECT set_config('..', '..', false): it may be done again
  kAmongOthers,  // set_config somewhere in it
};
Settles SettlesOf(const Step& step);
// Whether any of its statements does something to them.
bool LeavesSettings(const Part& part);

inline constexpr std::size_t kPartsMax = 1'000;  // of one file

// Cuts a file into parts. `text` is the file's text with its placeholders replaced. Whose a statement is does not
// depend on what is in the catalog, so that a file has the same parts whenever it is read: USE x means a connection,
// and CREATE or DROP TABLE a.b.t is Berth's unless a connection other than a is in use. Errors, with script and line:
// kSyntax, kInvalidArgument (a statement for a warehouse before USE CONNECTION, a literal password), kNotSupported
// (BEGIN and COMMIT, what has no place in a migration, what ends a transaction in a file that is one), kLimitExceeded.
Result<std::vector<Part>> SplitParts(const File& file, std::string_view text);

// "V0003__jobs.sql:12: " before the message; the span is gone.
Error AtLine(Error error, std::string_view script, std::size_t line);

}  // namespace berth::migrations
