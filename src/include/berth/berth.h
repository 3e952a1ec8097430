#pragma once

/* Berth's C interface: the one binary promise. libberth.so exports exactly what stands here.
 *
 * Versions. The library's soname changes when this interface breaks. Structs that a caller fills begin with
 * struct_size, which he sets to sizeof: members are only ever added at the end, and a library reads no further than
 * struct_size. Structs that the library fills (berth_column, berth_text) do not grow.
 *
 * Texts are UTF-8. Those with a length need no terminator; others end with a NUL byte. A pointer that a function
 * returns is the library's, and valid as long as it says.
 *
 * Where a struct has grown, what an older caller does not give is as if zero.
 *
 * Errors. Functions that can fail return BERTH_OK or the code of an error, and, where `error` is not NULL, put the
 * error itself there, for berth_error_free. Codes never change their numbers; berth_error_sqlstate tells more.
 *
 * Threads. An engine may be used from many threads at once, a conversation with its rows and prepared statements by one
 * thread at a time, but for berth_conversation_cancel. Engines know nothing of each other. After fork() the child must
 * not use what the parent made: every call that can fail says so with an error.
 *
 * Lifetimes. What was made of something keeps it: an engine may be closed before its conversations, a conversation
 * before its rows; the session goes back when the last of them is closed. */
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define BERTH_API __attribute__((visibility("default")))
#else
#define BERTH_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define BERTH_ABI_VERSION 1

/* As in error_codes.def; a later library may know more. */
enum berth_code {
  BERTH_OK = 0,
  BERTH_INVALID_ARGUMENT = 1,
  BERTH_SYNTAX = 2,
  BERTH_NOT_FOUND = 3,
  BERTH_ALREADY_EXISTS = 4,
  BERTH_DEPENDENTS_EXIST = 5,
  BERTH_FAILED_PRECONDITION = 6,
  BERTH_ACTIVE_TRANSACTION = 7,
  BERTH_NO_ACTIVE_TRANSACTION = 8,
  BERTH_FAILED_TRANSACTION = 9,
  BERTH_RESOURCE_EXHAUSTED = 10,
  BERTH_LIMIT_EXCEEDED = 11,
  BERTH_DEADLINE_EXCEEDED = 12,
  BERTH_CANCELLED = 13,
  BERTH_UNAUTHENTICATED = 14,
  BERTH_PERMISSION_DENIED = 15,
  BERTH_UNAVAILABLE = 16,
  BERTH_SESSION_LOST = 17,
  BERTH_CATALOG_UNAVAILABLE = 18,
  BERTH_CATALOG_CORRUPT = 19,
  BERTH_CATALOG_READ_ONLY = 20,
  BERTH_DISK_FULL = 21,
  BERTH_NOT_SUPPORTED = 22,
  BERTH_SERVER = 23,
  BERTH_INTERNAL = 24,
  BERTH_TOO_MANY_SESSIONS = 25,
  BERTH_TOO_MANY_WAITERS = 26,
  BERTH_THROTTLED = 27,
  BERTH_ROW = 100, /* berth_rows_next: a row is there; berth_rows_next_result: a result is there */
  BERTH_DONE = 101 /* .. there is none */
};

typedef struct berth_engine berth_engine;
typedef struct berth_conversation berth_conversation;
typedef struct berth_prepared berth_prepared;
typedef struct berth_rows berth_rows;
typedef struct berth_error berth_error;

/* data == NULL is SQL NULL. */
typedef struct berth_text {
  const char* data;
  size_t length;
} berth_text;

/* "0.1.0"; BERTH_ABI_VERSION of the library. */
BERTH_API const char* berth_version(void);
BERTH_API int berth_abi_version(void);

/* Of an error, whose texts live as long as it; "" where there is none. */
BERTH_API int berth_error_code(const berth_error* error);
BERTH_API const char* berth_error_sqlstate(const berth_error* error);
BERTH_API const char* berth_error_message(const berth_error* error);
BERTH_API const char* berth_error_detail(const berth_error* error);
BERTH_API const char* berth_error_hint(const berth_error* error);
/* 1: the work may or may not have been committed. */
BERTH_API int berth_error_in_doubt(const berth_error* error);
BERTH_API void berth_error_free(berth_error* error); /* NULL is allowed */

enum berth_log_level { BERTH_LOG_DEBUG = 1, BERTH_LOG_INFO = 2, BERTH_LOG_WARN = 3, BERTH_LOG_ERROR = 4 };
/* A line of the log of one engine, without a line end and without secrets; valid during the call. Called on the thread
 * of the call that has something to say: from many at once, where many use the engine. It must not call the library. */
typedef void (*berth_log_sink)(void* context, int level, const char* line);

typedef struct berth_open_options {
  size_t struct_size;
  const char* catalog;     /* "sqlite:PATH" */
  const char* key_file;    /* NULL: beside the catalog */
  const char* program;     /* NULL: "libberth"; the server sees it as application_name */
  berth_log_sink log_sink; /* NULL: nothing is logged */
  void* log_context;
  int32_t log_level;   /* a berth_log_level: what is below it is not told; 0: BERTH_LOG_WARN */
  int32_t open_ms_max; /* how long to wait for others who make or upgrade the catalog; 0: 10,000 */
} berth_open_options;

/* Opens the catalog, and makes it if it is not there. Errors: BERTH_CATALOG_UNAVAILABLE, BERTH_CATALOG_CORRUPT,
 * BERTH_INVALID_ARGUMENT. */
BERTH_API int berth_engine_open(const berth_open_options* options, berth_engine** engine, berth_error** error);
/* NULL is allowed. */
BERTH_API void berth_engine_close(berth_engine* engine);

/* What one caller keeps between statements: the connection in use, an open transaction, settings, a session. */
BERTH_API int berth_conversation_open(berth_engine* engine, berth_conversation** conversation, berth_error** error);
/* Rolls back what is open and gives back the session, at once or when its rows are closed. NULL is allowed. */
BERTH_API void berth_conversation_close(berth_conversation* conversation);
/* As USE CONNECTION: no session is opened. */
BERTH_API int berth_conversation_use(berth_conversation* conversation, const char* connection, berth_error** error);

/* Filled as far as struct_size goes. The texts are the conversation's, valid until its next call. */
typedef struct berth_session {
  size_t struct_size;
  const char* connection;
  const char* host;
  const char* database;
  const char* user;
  const char* server_version;
  int32_t port;
  int32_t backend_pid;
  int32_t tls;      /* 1: the session is encrypted */
  int32_t redshift; /* 1: Redshift; 0: PostgreSQL */
} berth_session;

/* Takes a session of the connection in use on lease, unless one is held, and keeps it: the statements and transactions
 * that follow run on it until the conversation is closed or uses another connection. (Between statements that left
 * nothing in it, it is lent to others who wait for one, once it has been quiet for a minute.) timeout_ms 0: the
 * connection's ACQUIRE_TIMEOUT alone bounds the wait. `session` may be NULL. Errors: BERTH_RESOURCE_EXHAUSTED: none
 * came free; BERTH_INVALID_ARGUMENT (08003): no connection is in use; those of a login. */
BERTH_API int berth_conversation_connect(berth_conversation* conversation, int64_t timeout_ms, berth_session* session,
                                         berth_error** error);
/* From any thread: the statement that runs ends with BERTH_CANCELLED. Never blocks; nothing runs: no effect. */
BERTH_API void berth_conversation_cancel(berth_conversation* conversation);
/* 1: a transaction is open, the warehouse's or the catalog's. */
BERTH_API int berth_conversation_in_transaction(const berth_conversation* conversation);
/* Notices and warnings, told on the thread that executes; sink NULL: nobody. Texts are valid during the call. */
typedef void (*berth_notice_sink)(void* context, const char* severity, const char* message, const char* detail,
                                  const char* hint);
BERTH_API void berth_conversation_set_notice_sink(berth_conversation* conversation, berth_notice_sink sink,
                                                  void* context);

typedef struct berth_statement {
  size_t struct_size;
  berth_text text;
  const berth_text* parameters; /* go to $1, $2 .. */
  size_t parameter_count;
  int64_t timeout_ms; /* of the whole statement, from now; 0: none */
  int pass;           /* not 0: goes to the connection in use whatever it says */
} berth_statement;

/* Runs one statement: Berth's own on the catalog, all others on the connection in use, byte for byte. Rows arrive as
 * they are read; they must be closed before the conversation runs anything else. `rows` NULL: they are read to the end
 * and thrown away. */
BERTH_API int berth_execute(berth_conversation* conversation, const berth_statement* statement, berth_rows** rows,
                            berth_error** error);

/* As berth_execute, on any session of `connection` (NULL: a statement on the catalog): nothing is kept between calls,
 * and many threads may do so at once. */
BERTH_API int berth_engine_execute(berth_engine* engine, const char* connection, const berth_statement* statement,
                                   berth_rows** rows, berth_error** error);

/* A statement to be run many times with other parameters. Nothing is sent yet: a session prepares it at the server when
 * it runs it for the second time, and once more after a reset, so that it works on whatever session the conversation
 * has. */
BERTH_API int berth_prepare(berth_conversation* conversation, berth_text text, berth_prepared** prepared,
                            berth_error** error);
/* As berth_execute. */
BERTH_API int berth_prepared_execute(berth_prepared* prepared, const berth_text* parameters, size_t parameter_count,
                                     int64_t timeout_ms, berth_rows** rows, berth_error** error);
/* NULL is allowed. */
BERTH_API void berth_prepared_close(berth_prepared* prepared);

enum berth_kind { BERTH_TEXT = 0, BERTH_BOOLEAN = 1, BERTH_INTEGER = 2, BERTH_FLOAT = 3, BERTH_NUMERIC = 4 };

typedef struct berth_column {
  const char* name; /* until the next result */
  uint32_t type_oid;
  int32_t type_modifier; /* -1: none */
  int32_t kind;          /* berth_kind */
} berth_column;

/* Of the current result; 0 columns: it has no rows (CREATE, INSERT). */
BERTH_API size_t berth_rows_column_count(const berth_rows* rows);
BERTH_API int berth_rows_column(const berth_rows* rows, size_t index, berth_column* column);
/* BERTH_ROW: *fields has one text a column, valid until the next call. BERTH_DONE: the result has ended. Else an error,
 * after which there is no more. */
BERTH_API int berth_rows_next(berth_rows* rows, const berth_text** fields, berth_error** error);
/* A field as a value of its own: 'f' and 'false' are 0, 't' and 'true' 1. Errors: BERTH_INVALID_ARGUMENT: it is NULL,
 * it does not fit, or it is something else. Nothing is rounded but a float's last digit. */
BERTH_API int berth_text_int64(berth_text field, int64_t* value);
BERTH_API int berth_text_double(berth_text field, double* value);
BERTH_API int berth_text_boolean(berth_text field, int32_t* value);
/* After BERTH_DONE: "INSERT 0 3", and the rows that the command counted, -1 where it counts none. */
BERTH_API const char* berth_rows_tag(const berth_rows* rows);
BERTH_API int64_t berth_rows_affected(const berth_rows* rows);
/* After BERTH_DONE: BERTH_ROW where the text had one more statement, else BERTH_DONE. */
BERTH_API int berth_rows_next_result(berth_rows* rows, berth_error** error);
/* Early: what still runs is cancelled. NULL is allowed. */
BERTH_API void berth_rows_close(berth_rows* rows);

/* The current result as an Arrow C stream, in batches of at most 65,536 rows and about 16 MiB a column. `stream` points
 * at a struct ArrowArrayStream. It takes the rows over: release() of the stream closes them, and `rows` must not be
 * used any more (also after an error). Types: boolean, int16, int32, int64, float, double; DATE as date32, TIMESTAMP
 * and TIMESTAMPTZ as timestamps in microseconds (the latter in UTC), NUMERIC(p, s) as decimal128; everything else,
 * NUMERIC without a precision included, is utf8 as the server writes it. 'infinity', years before 1 and a NUMERIC's NaN
 * have no place in these types: such a value is an error (EINVAL) that says so, and a cast to text carries it. */
BERTH_API int berth_rows_to_arrow(berth_rows* rows, void* stream, berth_error** error);

/* What depends on a connection, so that dropping it is refused, without writing SQL. Names are taken as they are:
 * nothing folds. Each is the statement of the same name, with its errors. */

/* DROP TABLE: in the warehouse and here. BERTH_DEPENDENTS_EXIST: a job uses it. */
BERTH_API int berth_drop_table(berth_conversation* conversation, const char* connection, const char* schema,
                               const char* table, berth_error** error);
/* Records a table that is there; forgets the record. */
BERTH_API int berth_attach_table(berth_conversation* conversation, const char* connection, const char* schema,
                                 const char* table, berth_error** error);
BERTH_API int berth_detach_table(berth_conversation* conversation, const char* connection, const char* schema,
                                 const char* table, berth_error** error);

typedef struct berth_job {
  size_t struct_size;
  const char* name;
  const char* connection; /* that bare names in the body belong to; NULL: all of them name theirs */
  const char* body;       /* one statement or several; the tables that it touches are found in it */
  const char* comment;    /* NULL: none */
  int32_t or_replace;     /* not 0: a job of this name is replaced */
} berth_job;

BERTH_API int berth_create_job(berth_conversation* conversation, const berth_job* job, berth_error** error);
BERTH_API int berth_drop_job(berth_conversation* conversation, const char* job, berth_error** error);
/* A job that lives elsewhere. */
BERTH_API int berth_attach_job(berth_conversation* conversation, const char* job, const char* const* connections,
                               size_t connection_count, berth_error** error);
BERTH_API int berth_detach_job(berth_conversation* conversation, const char* job, berth_error** error);

#ifdef __cplusplus
}
#endif
