#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace berth::parser {

// Whose statement is it? Decided by leading words, from the table in grammar/README.md; comments and white space before
// and between them do not count.
enum class Owner : std::uint8_t {
  kOurs,    // no Redshift or PostgreSQL statement begins so
  kEither,  // ours only if `first_name` is a connection: USE x, CREATE TABLE a.b.t, DROP TABLE a.b.t
  kSystem,  // a SELECT on system.information_schema: Berth's own tables
  kServer,
  kEmpty,  // nothing but white space, comments and semicolons
};

// BEGIN, START TRANSACTION, COMMIT, END, ROLLBACK, ABORT are the warehouse's with a connection in use, else the
// catalog's.
enum class TransactionWord : std::uint8_t { kNone, kBegin, kCommit, kRollback };

struct Classified {
  Owner owner = Owner::kServer;
  // ROLLBACK TO SAVEPOINT, COMMIT PREPARED and texts of several statements are kNone and kServer.
  TransactionWord transaction = TransactionWord::kNone;
  bool chain = false;      // COMMIT or ROLLBACK .. AND CHAIN: a new transaction begins at once
  std::string first_name;  // kEither: the name that decides, folded as names are
};

// `backslash_escapes`: as the server in use reads plain strings.
Classified Classify(std::string_view text, bool backslash_escapes);

// One row of the table: texts that begin so are `owner`'s. The first row that fits counts; no row: the server's. A form
// is made of words (any case), A|B, [optional words], <word>, <name> (bare or quoted), <table> (three names with dots
// between), <system> (the first statement names a table of system.information_schema behind FROM, JOIN, a comma or a
// parenthesis), <modes> (any number of transaction modes), <end> (nothing more but semicolons) and single symbols.
struct LeadingWords {
  std::string_view form;
  Owner owner = Owner::kOurs;
  TransactionWord transaction = TransactionWord::kNone;
  bool chain = false;
};
std::span<const LeadingWords> LeadingWordsTable();

}  // namespace berth::parser
