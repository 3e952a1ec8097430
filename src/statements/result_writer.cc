#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/try.h"
#include "statements/json_text.h"
#include "statements/result_file.h"
#include "statements/result_layout.h"

namespace berth::statements {
namespace {

constexpr std::string_view kEmptyPage = R"({"Records":[)";  // of JSON: kPageHead and an array without rows yet
constexpr std::string_view kUnload = "Use UNLOAD for a result of that size, or SELECT less of it.";

Error WriteFailed(const std::string& path, int number) {
  return Error{.code = number == ENOSPC || number == EDQUOT ? ErrorCode::kDiskFull : ErrorCode::kInternal,
               .message = fmt::format("the result's file {} cannot be written: {}", path,
                                      std::generic_category().message(number))};
}

}  // namespace

ResultWriter::ResultWriter(std::string path, ResultFormat format, std::span<const Column> columns, ResultLimits limits,
                           ResultBudget& budget)
    : path_(std::move(path)), format_(format), limits_(limits), budget_(budget), encoder_(format, columns) {
  page_ = format_ == ResultFormat::kCsv ? encoder_.Header() : std::string(kEmptyPage);
}

ResultWriter::~ResultWriter() {
  if (finished_) return;
  budget_.Give(offset_);
  if (file_) ::unlink(path_.c_str());
}

Status ResultWriter::Add(std::span<const Field> row) {
  const bool csv = format_ == ResultFormat::kCsv;
  const auto before = page_.size();
  if (!csv && before > kEmptyPage.size()) page_ += ',';
  encoder_.Append(page_, row);
  const auto row_bytes = static_cast<std::int64_t>(page_.size() - before);
  if (limits_.row_bytes_max > 0 && row_bytes > limits_.row_bytes_max) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("Packet for query is too large: row {} has {} bytes, --max-row-bytes is {}",
                                        rows_ + 1, row_bytes, limits_.row_bytes_max),
                 .hint = std::string(kUnload)};
  }
  ++rows_;
  server_bytes_ += 6;  // a row's message: its length, the number of its values, and the length of each
  for (const auto& value : row) server_bytes_ += 4 + static_cast<std::int64_t>(value ? value->size() : 0);
  if (csv && page_.size() > kCsvChunkBytes && before > 0) {  // this row begins the next chunk
    const auto rest = page_.substr(before);
    page_.resize(before);
    BERTH_TRY(FlushPage());
    page_ = rest;
    return {};
  }
  return page_.size() < kPageBytes ? Status() : FlushPage();
}

Status ResultWriter::FlushPage() {
  std::string page;
  if (format_ == ResultFormat::kCsv) {
    page.append(kPageHead).append(R"([{"CSVRecords":)");
    AppendJsonString(page, page_);
    page += "}]";
    page_.clear();
  } else {
    page_ += ']';
    page.swap(page_);
    page_.reserve(page.size() + page.size() / 8);
    page_ = kEmptyPage;
  }
  const auto size = static_cast<std::int64_t>(page.size());
  if (offset_ + size > limits_.bytes_max) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("Database response exceeded size limit: its first {} rows take {} bytes, "
                                        "--result-max-bytes is {}",
                                        rows_, offset_ + size, limits_.bytes_max),
                 .hint = std::string(kUnload)};
  }
  if (!budget_.Take(size)) {
    return Error{.code = ErrorCode::kLimitExceeded,
                 .message = fmt::format("the results that are kept take {} bytes, {} more would be above "
                                        "--results-max-bytes, which is {}",
                                        budget_.used(), size, budget_.max()),
                 .hint = "Use UNLOAD, or wait until older results are removed."};
  }
  index_.push_back({.length = page.size(), .checksum = PageChecksum(index_.size(), page)});
  offset_ += size;
  return Write(page);
}

Status ResultWriter::Write(std::string_view bytes) {
  if (!file_) {
    if (held_.size() + bytes.size() <= kSmallResultBytes) {
      held_ += bytes;
      return {};
    }
    file_ = base::UniqueFd(::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file_) return WriteFailed(path_, errno);
    if (!held_.empty()) BERTH_TRY(Write(std::exchange(held_, {})));
  }
  while (!bytes.empty()) {
    const auto written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return WriteFailed(path_, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status ResultWriter::Finish(std::string_view column_metadata) {
  if (page_.size() > (format_ == ResultFormat::kCsv ? 0U : kEmptyPage.size())) BERTH_TRY(FlushPage());
  Trailer trailer;
  trailer.format = static_cast<std::uint64_t>(format_);
  trailer.rows = static_cast<std::uint64_t>(rows_);
  trailer.pages = index_.size();
  trailer.metadata_offset = static_cast<std::uint64_t>(offset_);
  trailer.metadata_length = column_metadata.size();
  std::string end(column_metadata);
  std::uint64_t at = 0;
  for (const auto& entry : index_) {
    const IndexEntry placed{.offset = at, .length = entry.length, .checksum = entry.checksum};
    end.append(reinterpret_cast<const char*>(&placed), sizeof(placed));
    at += entry.length;
  }
  trailer.checksum = TrailerChecksum(trailer, column_metadata);
  end.append(reinterpret_cast<const char*>(&trailer), sizeof(trailer));
  BERTH_TRY(Write(end));
  if (file_) {
    file_.Close();
  } else {
    small_result_ = std::make_shared<const std::string>(std::move(held_));
  }
  finished_ = true;
  return {};
}

}  // namespace berth::statements
