/* Runs one query on a connection of a catalog and prints its rows, values by tab.
 *   fetch sqlite:/path/catalog.db warehouse 'SELECT 1' */
#include <berth/berth.h>
#include <stdio.h>
#include <string.h>

static int fail(const char* what, berth_error* error) {
  if (error == NULL) {
    fprintf(stderr, "%s failed\n", what);
    return 1;
  }
  fprintf(stderr, "%s: %s (%s)\n", what, berth_error_message(error), berth_error_sqlstate(error));
  if (berth_error_hint(error)[0] != '\0') fprintf(stderr, "%s\n", berth_error_hint(error));
  berth_error_free(error);
  return 1;
}

static int print_rows(berth_rows* rows, berth_error** error) {
  const berth_text* fields = NULL;
  const size_t columns = berth_rows_column_count(rows);
  int code = 0;
  while ((code = berth_rows_next(rows, &fields, error)) == BERTH_ROW) {
    for (size_t i = 0; i < columns; ++i) {
      if (i > 0) putchar('\t');
      if (fields[i].data != NULL) fwrite(fields[i].data, 1, fields[i].length, stdout);
    }
    putchar('\n');
  }
  return code;
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: %s CATALOG CONNECTION QUERY\n", argv[0]);
    return 2;
  }
  berth_error* error = NULL;
  berth_engine* engine = NULL;
  berth_conversation* conversation = NULL;
  berth_rows* rows = NULL;
  int status = 0;

  berth_open_options options = {.struct_size = sizeof options, .catalog = argv[1], .program = "fetch"};
  berth_statement statement = {.struct_size = sizeof statement, .text = {argv[3], strlen(argv[3])}, .timeout_ms = 60000};
  if (berth_engine_open(&options, &engine, &error) != BERTH_OK) {
    status = fail("open", error);
  } else if (berth_conversation_open(engine, &conversation, &error) != BERTH_OK) {
    status = fail("conversation", error);
  } else if (berth_conversation_use(conversation, argv[2], &error) != BERTH_OK) {
    status = fail("use", error);
  } else if (berth_execute(conversation, &statement, &rows, &error) != BERTH_OK) {
    status = fail("execute", error);
  } else if (print_rows(rows, &error) != BERTH_DONE) {
    status = fail("fetch", error);
  }
  berth_rows_close(rows);
  berth_conversation_close(conversation);
  berth_engine_close(engine);
  return status;
}
