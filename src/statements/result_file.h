#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_range.h"
#include "base/unique_fd.h"
#include "berth/error.h"
#include "berth/rows.h"
#include "statements/result_budget.h"
#include "statements/result_page.h"
#include "statements/row_encoder.h"
#include "statements/statement_facts.h"
#include "statements/verified_pages.h"

// A result is one file: its pages one after the other, each the beginning of a response; then the column
// metadata, the index of the pages and a trailer, each with a checksum. Where all of that is small, the same bytes are
// kept with the statement's record instead: making a file costs more than they do, and the record is written anyway.
// A file without its trailer is no result, so one
// that was cut short by a crash is never taken for a whole one; nothing is synced, since a crash of the program loses
// nothing that was written, and what a power cut loses the checksums tell.
namespace berth::statements {

inline constexpr std::size_t kPageBytes = 1u << 20;          // of JSON; a page ends with the row that reaches it
inline constexpr std::size_t kCsvChunkBytes = 1'000'000;     // of CSV text, at most, unless one row is longer
inline constexpr std::size_t kSmallResultBytes = 8 * 1024;   // up to here there is no file
inline constexpr std::size_t kPageCopiedBytes = 64 * 1024;   // a larger page is left in its file when it is read
inline constexpr std::size_t kResultPagesMax = 100'000'000;  // no file that is whole has more

struct ResultLimits {
  std::int64_t bytes_max = 0;      // of the file's pages; --result-max-bytes
  std::int64_t row_bytes_max = 0;  // 0: any; --max-row-bytes
};

// Writes one result while its rows come in. Memory: a page and 16 bytes a page. One thread at a time.
class ResultWriter {
 public:
  // `budget` must outlive it.
  ResultWriter(std::string path, ResultFormat format, std::span<const Column> columns, ResultLimits limits,
               ResultBudget& budget);
  ResultWriter(const ResultWriter&) = delete;
  ResultWriter& operator=(const ResultWriter&) = delete;
  ~ResultWriter();  // what was not finished is removed

  // Errors: kLimitExceeded (which option, and to use UNLOAD), kDiskFull, kInternal.
  Status Add(std::span<const Field> row);
  // `column_metadata`: a JSON array.
  Status Finish(std::string_view column_metadata);

  std::int64_t rows() const { return rows_; }
  std::int64_t server_bytes() const { return server_bytes_; }  // as the server's messages of rows count them
  std::int64_t stored_bytes() const { return offset_; }
  // What would have been the file, once it is finished; null: there is the file.
  std::shared_ptr<const std::string> small_result() const { return small_result_; }

 private:
  struct Entry {
    std::uint64_t length = 0, checksum = 0;
  };
  Status FlushPage();
  Status Write(std::string_view bytes);

  const std::string path_;
  const ResultFormat format_;
  const ResultLimits limits_;
  ResultBudget& budget_;
  const RowEncoder encoder_;
  base::UniqueFd file_;
  std::string held_;  // the file's first bytes, as long as there is none
  std::shared_ptr<const std::string> small_result_;
  std::string page_;  // of JSON: the page with its array not yet closed; of CSV: text
  std::vector<Entry> index_;
  std::int64_t rows_ = 0, server_bytes_ = 0, offset_ = 0;
  bool finished_ = false;
};

// A result that is there. Each read opens the file anew, so that no descriptor is held for it between two.
struct ResultFacts {
  ResultFormat format = ResultFormat::kJson;
  std::int64_t rows = 0;
  std::size_t pages = 0;  // 0: no rows
  std::string column_metadata;
};
struct ReadPage {
  ResultFacts facts;
  std::optional<base::FileRange> file;  // of a page above kPageCopiedBytes: all but its last byte
  std::string records;                  // what follows it
};
// The page of that number, from 0; the first of a result without rows has the array "[]". Errors: kNotFound (no file),
// kCatalogCorrupt (cut short, or changed since it was written), kInvalidArgument (no such page).
// What was `verified` need not be read to be verified.
Result<ReadPage> ReadResultPage(const std::string& path, std::size_t page, VerifiedPages& verified);
// The same of a small result; `id`: whose it is, for errors.
Result<ReadPage> ReadSmallResult(std::string_view bytes, std::string_view id, std::size_t page);

}  // namespace berth::statements
