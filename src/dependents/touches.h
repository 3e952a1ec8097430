#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "berth/error.h"
#include "dependents/table_use.h"

namespace berth::dependents {

// One place where a job's body or a CREATE TABLE's rest names a table.
struct Touch {
  std::string connection;  // empty: the name had two parts (only a target is reported so)
  std::string schema, table;
  Role role = Role::kSource;  // kTarget or kSource
  SourceSpan name;            // the whole name in the body
  SourceSpan prefix;  // "c." (and a "REDSHIFT " before it): what is cut before the text is sent; length 0: nothing
};

// Finds each name of three parts whose first part is a connection, and the target of INSERT INTO [REDSHIFT], MERGE
// INTO, SELECT .. INTO, UPDATE, DELETE FROM, COPY, TRUNCATE also where it has two parts. Works on tokens: also on what
// no PostgreSQL grammar reads (COPY, UNLOAD, DISTSTYLE). A name in the quoted query of UNLOAD ('select ..') counts as a
// source. Names are folded as names are; `is_connection` gets a folded name.
//
// Every occurrence is returned, in the order of the body, because every prefix must be cut: a column c.s.t.col or
// c.s.t.* is reported as the table it belongs to, with the role that the table has elsewhere. Who wants each table and
// role once must drop the doubles. A name c.s.t whose c is a schema of that name as well (a column s.t.col) cannot be
// told apart.
//
// Errors: INSERT INTO REDSHIFT c.s.t whose c is no connection (kNotFound) or that has not three parts (kSyntax).
Result<std::vector<Touch>> FindTouches(std::string_view body,
                                       const std::function<bool(std::string_view)>& is_connection,
                                       bool backslash_escapes);

// The text as it is sent: every prefix of `touches` cut.
std::string WithoutPrefixes(std::string_view body, const std::vector<Touch>& touches);
// The same with blanks in their place: every byte stays where it is.
std::string WithBlankPrefixes(std::string_view body, const std::vector<Touch>& touches);

}  // namespace berth::dependents
