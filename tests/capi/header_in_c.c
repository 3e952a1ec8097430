/* berth.h is a header for C: this file is compiled as C11 with the project's warnings. */
#include "berth/berth.h"

size_t berth_test_statement_size_in_c(void);
size_t berth_test_statement_size_in_c(void) {
  const berth_statement statement = {.struct_size = sizeof statement, .text = {"x", 1}};
  return statement.struct_size;
}
