#include "shell/meta_help.h"

namespace berth::shell {
namespace {

constexpr std::string_view kHelp =
    R"(Statements end with a semicolon. Berth's own, such as CREATE REDSHIFT CONNECTION, SHOW CONNECTIONS and
USE, act on the catalog; all others go to the connection in use. Tab completes, Ctrl-R searches the history.

Connection
  \c [CONNECTION]        use a connection; without a name: which is in use
  \conninfo              the connection, its session and the catalog
  \q                     leave

Catalog
  \connections [PATTERN] the connections          \jobs [PATTERN]        the jobs
  \deps [CONNECTION]     what needs it            \pools                 sessions of this process
  \slots [CONNECTION]    slots of this machine    \sessions [CONNECTION] sessions at the server
  \secrets [PATTERN]     the secrets              \history [CONNECTION]  who changed what

Warehouse (PATTERN: name, schema.name, with * and ?)
  \d [PATTERN]           relations; with a name: its columns, indexes and constraints
  \dt \dv \dm \di \ds    tables, views, materialized views, indexes, sequences
  \dn \df \l [PATTERN]   schemas, functions, databases

Running a statement (instead of a semicolon)
  \g [FILE or |PROGRAM]  run it, send its result there        \gx   as \g, expanded
  \gset [PREFIX]         run it, keep its row in variables    \gdesc its columns, without running it
  \gexec                 run it, then run each value of it    \watch [SECONDS] again and again
  \e [FILE]              edit it (EDITOR)                     \p    print it
  \r                     forget it                            \w FILE write it

Input and output
  \i FILE, \ir FILE      run a script              \o [FILE or |PROGRAM]  send results there
  \copy ... to ...       rows to a file            \s [FILE]  the history
  \echo, \qecho, \warn   print a text              \! [COMMAND]  a command of the system
  \set [NAME [VALUE]]    a variable, for :NAME and ${NAME}    \unset NAME
  \cd [FOLDER]           change the folder

Looks
  \x [on|off|auto]       one line a value          \t [on|off]  rows only
  \a                     aligned or not            \f [TEXT]    field separator when not
  \C [TEXT]              title                     \timing [on|off]
  \pset [NAME [VALUE]]   border, csv_fieldsep, expanded, fieldsep, footer, format, null, pager, title, tuples_only
  \errverbose            the last error with its SQLSTATE
)";

}  // namespace

std::string_view MetaHelpText() {
  return kHelp;
}

}  // namespace berth::shell
