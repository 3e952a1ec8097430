#include "shell/meta_help.h"

namespace berth::shell {
namespace {

constexpr std::string_view kHelp =
    R"(Statements end with a semicolon. Berth's own (CREATE REDSHIFT CONNECTION, SHOW
CONNECTIONS, USE ..) act on the catalog; all others go to the connection in
use. Tab completes, Ctrl-R searches the history.

Connection
  \c [CONNECTION]         use a connection; without a name: which is in use
  \conninfo               the connection, its session and the catalog
  \q                      leave

Catalog
  \connections [PATTERN]  connections        \jobs [PATTERN]         jobs
  \deps [CONNECTION]      what needs it      \pools                  here
  \slots [CONNECTION]     of this machine    \sessions [CONNECTION]  there
  \secrets [PATTERN]      secrets            \history [CONNECTION]   its changes

Warehouse (PATTERN: name, schema.name, with * and ?)
  \d [PATTERN]            relations; of one: columns, indexes, constraints
  \dt \dv \dm \di \ds     tables, views, materialized views, indexes, sequences
  \dn \df \l [PATTERN]    schemas, functions, databases

Running a statement (instead of a semicolon)
  \g [(NAME=VALUE ..)] [FILE or |PROGRAM]   run it, send its result there
  \gx                     as \g, expanded    \gset [PREFIX]  into variables
  \gdesc                  its columns only   \gexec          run its values
  \watch [SECONDS]        again and again    \e [FILE]       edit it (EDITOR)
  \p                      print it           \r              forget it
  \w FILE or |PROGRAM     write it

Input and output
  \i FILE, \ir FILE       run a script       \o [FILE or |PROGRAM] send results
  \copy .. to ..          rows to a file     \copy .. from ..  into a table
  \s [FILE]               the history        \! [COMMAND]      of the system
  \echo, \qecho, \warn    print a text       \cd [FOLDER]      change folders
  \set [NAME [VALUE]]     a variable, for :NAME and ${NAME}; \unset NAME
  \if EXPR, \elif EXPR, \else, \endif        what stands between is run or not

Looks
  \x [on|off|auto]        one line a value   \t [on|off]      rows only
  \a                      aligned or not     \f [TEXT]        field separator
  \C [TEXT]               title              \timing [on|off]
  \pset [NAME [VALUE]]    border, csv_fieldsep, expanded, fieldsep, footer,
                          format, null, pager, title, tuples_only
  \errverbose             the last error with its SQLSTATE
)";

}  // namespace

std::string_view MetaHelpText() {
  return kHelp;
}

}  // namespace berth::shell
