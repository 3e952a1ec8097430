#include "sqlite/sqlite_errors.h"

#include <errno.h>
#include <fmt/core.h>

#include <system_error>

#include <sqlite3.h>

namespace berth::sqlite {
namespace {

std::string SystemText(int number) {
  return number == 0 ? std::string("no reason given") : std::generic_category().message(number);
}

bool IsNoRoom(int number) {
  return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

Error NoRoom(const Failure& failure) {
  const bool limit = failure.system_errno == EFBIG || failure.system_errno == EDQUOT;
  return {.code = ErrorCode::kDiskFull,
          .message = fmt::format("The catalog {} cannot grow: {}; nothing was changed", failure.path,
                                 limit ? SystemText(failure.system_errno) : SystemText(ENOSPC)),
          .hint = limit ? "Raise the limit on the size of files (ulimit -f, quota) and run the statement again."
                        : "Free some room on the file system of the catalog and run the statement again."};
}

Error Locked(const Failure& failure) {
  return {.code = ErrorCode::kCatalogUnavailable,
          .message = fmt::format("The catalog {} is locked by another transaction; waited {:.1f} s", failure.path,
                                 static_cast<double>(failure.waited.count()) / 1000.0),
          .hint = "Another process or conversation has an open transaction on the catalog: end it, or wait longer."};
}

Error ReadOnly(const Failure& failure) {
  if (failure.extended_code == SQLITE_READONLY_DBMOVED) {
    return {.code = ErrorCode::kCatalogUnavailable,
            .message = fmt::format("The catalog {} was moved, removed or replaced while it was open", failure.path),
            .hint = "Start the program again."};
  }
  return {.code = ErrorCode::kCatalogReadOnly,
          .message = fmt::format("The catalog {} is read-only: it can be read and not changed", failure.path),
          .hint =
              "Writing needs write permission on the catalog's file and on its folder (chmod u+w), on a file system "
              "that is not mounted read-only."};
}

Error Corrupt(const Failure& failure, std::string_view what) {
  return {.code = ErrorCode::kCatalogCorrupt,
          .message = fmt::format("The catalog {} {}", failure.path, what),
          .detail = std::string(failure.message),
          .hint = "Name another file with --catalog, or put back a backup of the catalog."};
}

Error Constraint(const Failure& failure) {
  Error error{.code = ErrorCode::kInternal,
              .message = fmt::format("The catalog {} refused a row: {}", failure.path, failure.message)};
  switch (failure.extended_code) {
    case SQLITE_CONSTRAINT_FOREIGNKEY:
    case SQLITE_CONSTRAINT_TRIGGER:  // RESTRICT reports itself so
      error.code = ErrorCode::kDependentsExist;
      break;
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      error.code = ErrorCode::kAlreadyExists;
      break;
    default:
      break;
  }
  return error;
}

Error InputOutput(const Failure& failure) {
  return {.code = ErrorCode::kCatalogUnavailable,
          .message = fmt::format("The catalog {} cannot be read or written: {}", failure.path,
                                 SystemText(failure.system_errno)),
          .detail = fmt::format("{} ({})", failure.message, failure.extended_code),
          .hint = "The disk or the file system failed; its own log says more (dmesg)."};
}

Error CannotOpen(const Failure& failure) {
  return {.code = ErrorCode::kCatalogUnavailable,
          .message = fmt::format("The catalog {} cannot be opened: {}", failure.path, SystemText(failure.system_errno)),
          .hint =
              "Reading needs read permission on the file, and the files that SQLite keeps beside it (-wal, -shm) must "
              "be readable or makeable."};
}

}  // namespace

Error ErrorOf(const Failure& failure) {
  switch (failure.extended_code & 0xff) {
    case SQLITE_FULL:
      return NoRoom(
          {.system_errno = IsNoRoom(failure.system_errno) ? failure.system_errno : ENOSPC, .path = failure.path});
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return Locked(failure);
    case SQLITE_READONLY:
      return ReadOnly(failure);
    case SQLITE_NOTADB:
      return Corrupt(failure, "is not a database");
    case SQLITE_CORRUPT:
      return Corrupt(failure, "is damaged");
    case SQLITE_CONSTRAINT:
      return Constraint(failure);
    case SQLITE_CANTOPEN:
      return IsNoRoom(failure.system_errno) ? NoRoom(failure) : CannotOpen(failure);
    case SQLITE_IOERR:
      return IsNoRoom(failure.system_errno) ? NoRoom(failure) : InputOutput(failure);
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {.code = ErrorCode::kPermissionDenied,
              .message = fmt::format("The catalog {} refused access: {}", failure.path, failure.message)};
    case SQLITE_TOOBIG:
      return {.code = ErrorCode::kLimitExceeded,
              .message = fmt::format("A value is larger than the catalog {} can hold", failure.path)};
    case SQLITE_INTERRUPT:
      return {.code = ErrorCode::kCancelled, .message = "The work on the catalog was cancelled"};
    default:
      return {.code = ErrorCode::kInternal,
              .message = fmt::format("The catalog {}: {} ({})", failure.path, failure.message, failure.extended_code)};
  }
}

}  // namespace berth::sqlite
