#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "support/temp_postgres.h"

// capi_server PROGRAM ARG..: runs a program beside a private server, whose address, user and password it finds as
// BERTH_TEST_URL, BERTH_TEST_USER and BERTH_TEST_PASSWORD. Exit status: the program's.
int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const berth::test::TempPostgres server;
  ::setenv("BERTH_TEST_URL", server.JdbcUrl().c_str(), 1);
  ::setenv("BERTH_TEST_USER", server.user().c_str(), 1);
  ::setenv("BERTH_TEST_PASSWORD", server.password().c_str(), 1);
  const pid_t child = ::fork();
  if (child == 0) {
    ::execv(argv[1], argv + 1);
    ::_exit(127);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
