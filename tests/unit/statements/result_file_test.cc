#include "statements/result_file.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "support/page_text.h"
#include "support/temp_dir.h"

namespace berth::statements {
namespace {

const std::vector<Column> kColumns{{.name = "n", .type_oid = 23}, {.name = "t", .type_oid = 1043}};

struct Fixture {
  test::TempDir folder;
  ResultBudget budget{1'000'000'000};
  std::string path = folder / "result";
  ResultLimits limits{.bytes_max = 500'000'000, .row_bytes_max = 0};
  std::shared_ptr<const std::string> small;  // of the last one that was written
  VerifiedPages verified;

  // Rows of a number and a text of that many bytes.
  Status Write(std::size_t rows, std::size_t bytes, ResultFormat format = ResultFormat::kJson) {
    ResultWriter writer(path, format, kColumns, limits, budget);
    const std::string text(bytes, 'x');
    for (std::size_t i = 0; i < rows; ++i) {
      const std::string number = std::to_string(i);
      const std::vector<Field> row{number, text};
      if (auto added = writer.Add(row); !added.ok()) return added;
    }
    auto finished = writer.Finish("[{}]");
    small = writer.small_result();
    return finished;
  }
  Result<ReadPage> Read(std::size_t page) { return ReadResultPage(path, page, verified); }
};

std::size_t Count(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST_CASE("a result is cut into pages of about a mebibyte, and every row is there once") {
  Fixture files;
  REQUIRE(files.Write(5000, 1000).ok());
  std::size_t rows = 0;
  std::size_t pages = 0;
  for (std::size_t page = 0;; ++page) {
    const auto read = files.Read(page);
    REQUIRE(read.ok());
    const auto records = test::PageText(read.value());
    CHECK(records.starts_with(R"({"Records":[[{)"));
    CHECK(records.back() == ']');
    rows += Count(records, "longValue");
    CHECK(read.value().facts.rows == 5000);
    CHECK(read.value().facts.column_metadata == "[{}]");
    ++pages;
    if (page + 1 == read.value().facts.pages) break;
    CHECK(records.size() >= kPageBytes);
    CHECK(records.size() < kPageBytes + 2000);
  }
  CHECK(rows == 5000);
  CHECK(pages == 5);
  CHECK(files.Read(pages).error().code == ErrorCode::kInvalidArgument);
}

TEST_CASE("a result without rows has one page, which is empty") {
  Fixture files;
  REQUIRE(files.Write(0, 0).ok());
  REQUIRE(files.small != nullptr);
  const auto read = ReadSmallResult(*files.small, "x", 0);
  REQUIRE(read.ok());
  CHECK(read.value().records == R"({"Records":[])");
  CHECK(read.value().facts.rows == 0);
}

TEST_CASE("a small result is no file, and the bytes of one; a larger one is a file from its first byte on") {
  Fixture files;
  for (const auto format : {ResultFormat::kJson, ResultFormat::kCsv}) {
    REQUIRE(files.Write(3, 10, format).ok());
    REQUIRE(files.small != nullptr);
    CHECK(files.small->size() <= kSmallResultBytes);
    CHECK_FALSE(std::filesystem::exists(files.path));
    CHECK(files.budget.used() > 0);
    const auto read = ReadSmallResult(*files.small, "x", 0);
    REQUIRE(read.ok());
    CHECK(read.value().facts.rows == 3);
    CHECK(read.value().facts.format == format);
    CHECK(read.value().facts.column_metadata == "[{}]");
    std::ofstream(files.path, std::ios::binary) << *files.small;
    CHECK(files.Read(0).value().records == read.value().records);
    std::filesystem::remove(files.path);
    CHECK(ReadSmallResult(*files.small, "x", 1).error().code == ErrorCode::kInvalidArgument);
  }
  const auto small = files.small;
  for (std::size_t at = 0; at < small->size(); ++at) {
    CAPTURE(at);
    CHECK(ReadSmallResult(small->substr(0, at), "x", 0).error().code == ErrorCode::kCatalogCorrupt);
    auto changed = *small;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    CHECK_FALSE(ReadSmallResult(changed, "x", 0).ok());
  }

  REQUIRE(files.Write(300, 20).ok());
  CHECK(files.small == nullptr);
  const auto read = files.Read(0);
  REQUIRE(read.ok());
  CHECK(Count(read.value().records, "longValue") == 300);
}

TEST_CASE("CSV has its header once, chunks below a megabyte and ends of line") {
  Fixture files;
  REQUIRE(files.Write(2500, 1000, ResultFormat::kCsv).ok());
  const auto first = files.Read(0);
  REQUIRE(first.ok());
  CHECK(test::PageText(first.value()).starts_with(R"({"Records":[{"CSVRecords":"n,t\r\n0,xxx)"));
  CHECK(first.value().facts.pages == 3);
  std::size_t rows = 0;
  for (std::size_t page = 0; page < 3; ++page) {
    const auto read = files.Read(page);
    REQUIRE(read.ok());
    const auto records = test::PageText(read.value());
    CHECK(records.size() < kCsvChunkBytes + 10'000);  // escapes and braces
    rows += Count(records, "\\r\\n");
  }
  CHECK(rows == 2501);
}

TEST_CASE("each limit refuses by its option's name and leaves no file and no bytes behind") {
  Fixture files;
  const auto refused = [&](std::string_view option) {
    const auto status = files.Write(5000, 1000);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code == ErrorCode::kLimitExceeded);
    CHECK(status.error().message.find(option) != std::string::npos);
    CHECK(status.error().hint.find("UNLOAD") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(files.path));
    CHECK(files.budget.used() == 0);
  };
  files.limits = {.bytes_max = 3'000'000, .row_bytes_max = 0};
  refused("--result-max-bytes");
  files.limits = {.bytes_max = 500'000'000, .row_bytes_max = 900};
  const auto row = files.Write(1, 1000);
  REQUIRE_FALSE(row.ok());
  CHECK(row.error().message.find("--max-row-bytes is 900") != std::string::npos);
  files.limits.row_bytes_max = 0;
  ResultBudget small(2'000'000);
  ResultWriter writer(files.path, ResultFormat::kJson, kColumns, files.limits, small);
  const std::string text(1000, 'x');
  Status status;
  for (int i = 0; status.ok() && i < 5000; ++i) status = writer.Add(std::vector<Field>{"1", text});
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().message.find("--results-max-bytes") != std::string::npos);
}

TEST_CASE("a file that was cut short or changed anywhere is never taken for a result") {
  Fixture files;
  REQUIRE(files.Write(200, 20).ok());
  REQUIRE(files.small == nullptr);
  std::ifstream in(files.path, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  in.close();
  const auto put = [&](const std::string& bytes) {
    std::ofstream(files.path, std::ios::binary | std::ios::trunc) << bytes;
  };
  for (std::size_t size = 0; size < whole.size(); size += 41) {
    put(whole.substr(0, size));
    CAPTURE(size);
    CHECK_FALSE(files.Read(0).ok());
  }
  for (std::size_t at = 0; at < whole.size(); at += 13) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    put(changed);
    CAPTURE(at);
    CHECK_FALSE(files.Read(0).ok());
  }
  put(whole);
  CHECK(files.Read(0).ok());
}

TEST_CASE("a large page is left in its file, and found changed in any of its pieces") {
  Fixture files;
  REQUIRE(files.Write(500, 1000).ok());
  const auto whole = files.Read(0);
  REQUIRE(whole.ok());
  REQUIRE(whole.value().file);
  const auto size = whole.value().file->length + 1;
  CHECK(size > 500'000);
  CHECK(whole.value().records == "]");
  for (const std::size_t at : {std::size_t{0}, kPageCopiedBytes - 1, kPageCopiedBytes, size / 2, size - 2, size - 1}) {
    CAPTURE(at);
    std::fstream file(files.path, std::ios::binary | std::ios::in | std::ios::out);
    const auto place = static_cast<std::streamoff>(at);
    const auto old = static_cast<char>(file.seekg(place).get());
    file.seekp(place).put(static_cast<char>(old ^ 0x10)).flush();
    CHECK(files.Read(0).error().code == ErrorCode::kCatalogCorrupt);
    file.seekp(place).put(old).flush();
    CHECK(files.Read(0).ok());
  }
  std::filesystem::remove(files.path);
  CHECK(test::PageText(whole.value()).size() == size);  // who has it, has it
}

TEST_CASE("a page that was verified ahead is not read again, once, unless its file was written since") {
  Fixture files;
  REQUIRE(files.Write(2000, 1000).ok());
  const auto touch = [&](bool change) {  // with the time of last writing as it was, where `change` is false
    const auto written = std::filesystem::last_write_time(files.path);
    std::fstream file(files.path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(1000).put('#').flush();
    file.close();
    std::filesystem::last_write_time(files.path, change ? written + std::chrono::seconds(1) : written);
  };
  const auto ahead = files.Read(0);
  REQUIRE(ahead.ok());
  files.verified.Add(*ahead.value().file);
  touch(false);
  CHECK(files.Read(1).ok());
  CHECK(files.Read(0).ok());  // not looked at
  CHECK(files.Read(0).error().code == ErrorCode::kCatalogCorrupt);
  files.verified.Add(*ahead.value().file);
  touch(true);
  CHECK(files.Read(0).error().code == ErrorCode::kCatalogCorrupt);
}

}  // namespace
}  // namespace berth::statements
