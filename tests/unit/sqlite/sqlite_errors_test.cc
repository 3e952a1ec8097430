#include "sqlite/sqlite_errors.h"

#include <errno.h>

#include <doctest/doctest.h>
#include <sqlite3.h>

namespace berth::sqlite {
namespace {

Error Of(int code, int number = 0) {
  return ErrorOf({.extended_code = code,
                  .system_errno = number,
                  .message = "what it said",
                  .path = "/c/catalog.db",
                  .waited = std::chrono::milliseconds(2'540)});
}
bool Has(const std::string& text, const std::string& piece) {
  return text.find(piece) != std::string::npos;
}

TEST_CASE("each failure has the code that a caller acts on, and names the file") {
  const struct {
    int code, number;
    ErrorCode expected;
  } cases[] = {
      {SQLITE_FULL, 0, ErrorCode::kDiskFull},
      {SQLITE_IOERR_WRITE, ENOSPC, ErrorCode::kDiskFull},
      {SQLITE_IOERR_WRITE, EFBIG, ErrorCode::kDiskFull},
      {SQLITE_IOERR_SHMSIZE, EDQUOT, ErrorCode::kDiskFull},
      {SQLITE_CANTOPEN, ENOSPC, ErrorCode::kDiskFull},
      {SQLITE_IOERR_READ, EIO, ErrorCode::kCatalogUnavailable},
      {SQLITE_CANTOPEN, EACCES, ErrorCode::kCatalogUnavailable},
      {SQLITE_BUSY, 0, ErrorCode::kCatalogUnavailable},
      {SQLITE_BUSY_RECOVERY, 0, ErrorCode::kCatalogUnavailable},
      {SQLITE_PROTOCOL, 0, ErrorCode::kCatalogUnavailable},
      {SQLITE_READONLY, 0, ErrorCode::kCatalogReadOnly},
      {SQLITE_READONLY_DIRECTORY, 0, ErrorCode::kCatalogReadOnly},
      {SQLITE_READONLY_DBMOVED, 0, ErrorCode::kCatalogUnavailable},
      {SQLITE_NOTADB, 0, ErrorCode::kCatalogCorrupt},
      {SQLITE_CORRUPT_INDEX, 0, ErrorCode::kCatalogCorrupt},
      {SQLITE_CONSTRAINT_FOREIGNKEY, 0, ErrorCode::kDependentsExist},
      {SQLITE_CONSTRAINT_UNIQUE, 0, ErrorCode::kAlreadyExists},
      {SQLITE_CONSTRAINT_CHECK, 0, ErrorCode::kInternal},
      {SQLITE_TOOBIG, 0, ErrorCode::kLimitExceeded},
      {SQLITE_MISUSE, 0, ErrorCode::kInternal},
  };
  for (const auto& [code, number, expected] : cases) {
    const Error error = Of(code, number);
    CHECK_MESSAGE(error.code == expected, code);
    CHECK_MESSAGE(Has(error.message, "/c/catalog.db"), error.message);
  }
}

TEST_CASE("the words say the numbers and what to do") {
  CHECK(Has(Of(SQLITE_BUSY).message, "waited 2.5 s"));
  CHECK(Has(Of(SQLITE_FULL).hint, "Free some room"));
  CHECK(Has(Of(SQLITE_IOERR_WRITE, EFBIG).hint, "ulimit"));
  CHECK(Has(Of(SQLITE_CANTOPEN, EACCES).message, "Permission denied"));
  CHECK(Has(Of(SQLITE_READONLY).hint, "chmod"));
  CHECK(Has(Of(SQLITE_READONLY_DBMOVED).message, "replaced"));
}

}  // namespace
}  // namespace berth::sqlite
