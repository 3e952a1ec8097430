#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "catalog/records.h"

namespace berth::engine {

// What a job's body says to the server: its statements, one by one, each name c.s.t of its own connection as s.t and
// without REDSHIFT. `backslash_escapes`: as that server reads strings.
Result<std::vector<std::string>> StatementsOf(const catalog::Job& job, const std::string& connection,
                                              bool backslash_escapes);

// INSERT INTO t MAP_COLUMNS_BY_NAME [EXCEPT a, b] SELECT ..: each column of the query goes into the column of its name.
// No server knows the words; what is sent is an INSERT with the columns' names.
struct MappedInsert {
  std::string target;               // as written
  std::vector<std::string> except;  // names, folded as names are
  std::string query;
};
// nullopt: the statement is none. Errors: kSyntax.
Result<std::optional<MappedInsert>> ReadMappedInsert(std::string_view statement, bool backslash_escapes);
// Asks for the columns of the query and for no row of it.
std::string ColumnsQuery(const MappedInsert& insert);
// Errors: kInvalidArgument, where EXCEPT names no column of the query or none is left.
Result<std::string> InsertByName(const MappedInsert& insert, const std::vector<std::string>& columns);

// What CREATE JOB refuses in a body: Upsolver's other targets and sources (kNotSupported), and, in a script that is one
// transaction, statements that begin or end one (kInvalidArgument). Spans count in the body.
Status CheckBody(std::string_view body, bool script, bool auto_commit);

}  // namespace berth::engine
