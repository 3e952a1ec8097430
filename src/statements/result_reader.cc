#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "base/checksum.h"
#include "base/try.h"
#include "statements/result_file.h"
#include "statements/result_layout.h"

namespace berth::statements {
namespace {

std::uint64_t PageChecksumOf(std::uint64_t number, std::uint64_t sum) {
  return sum ^ (number * 0x9E3779B97F4A7C15U);
}

// What a response has beside records and metadata, so that it can be written behind them in place.
constexpr std::size_t kResponseRest = 1024;
constexpr std::size_t kPieceBytes = 64 * 1024;

// Where the bytes of a result are: in a file, or (it is null) here.
struct Source {
  std::string name;  // for errors
  std::shared_ptr<const base::UniqueFd> file;
  std::string_view bytes;
  std::uint64_t size = 0;
};

Error Corrupt(const Source& source, std::string_view what) {
  return Error{.code = ErrorCode::kCatalogCorrupt,
               .message = fmt::format("{} {}", source.name, what),
               .hint = "Run the statement again."};
}

// False: it has not that many bytes there.
bool ReadAt(const Source& source, std::uint64_t offset, char* to, std::size_t count) {
  if (source.file == nullptr) {
    if (offset > source.size || count > source.size - offset) return false;
    source.bytes.copy(to, count, offset);
    return true;
  }
  return base::ReadAt(source.file->get(), offset, to, count);
}

// Of a page that stays where it is: in pieces that fit into the processor's cache.
bool IsWhole(const base::FileRange& bytes, std::uint64_t number, std::uint64_t checksum) {
  const auto piece = std::make_unique_for_overwrite<char[]>(kPieceBytes);
  base::ChecksumOfPieces sum;
  for (std::uint64_t at = 0; at < bytes.length;) {
    const auto count = std::min<std::uint64_t>(kPieceBytes, bytes.length - at);
    if (!base::ReadAt(bytes.file->get(), bytes.offset + at, piece.get(), count)) return false;
    sum.Add({piece.get(), count});
    at += count;
  }
  return PageChecksumOf(number, sum.Value()) == checksum;
}

Result<ReadPage> ReadPageOf(const Source& source, std::size_t page, VerifiedPages* verified) {
  const auto size = source.size;
  Trailer trailer;
  if (size < sizeof(trailer) ||
      !ReadAt(source, size - sizeof(trailer), reinterpret_cast<char*>(&trailer), sizeof(trailer)) ||
      trailer.magic != Trailer().magic) {
    return Corrupt(source, "was cut short");
  }
  const auto index = trailer.metadata_offset + trailer.metadata_length;
  if (trailer.pages > kResultPagesMax || trailer.metadata_offset > size || trailer.metadata_length > size ||
      index + trailer.pages * sizeof(IndexEntry) + sizeof(trailer) != size) {
    return Corrupt(source, "was changed: its parts do not fit together");
  }
  ReadPage read;
  read.facts.format = trailer.format == 1 ? ResultFormat::kCsv : ResultFormat::kJson;
  read.facts.rows = static_cast<std::int64_t>(trailer.rows);
  read.facts.pages = trailer.pages;
  read.facts.column_metadata.resize(trailer.metadata_length);
  if (!ReadAt(source, trailer.metadata_offset, read.facts.column_metadata.data(), trailer.metadata_length) ||
      TrailerChecksum(trailer, read.facts.column_metadata) != trailer.checksum) {
    return Corrupt(source, "was changed: its checksum is another");
  }
  if (page == 0 && trailer.pages == 0) {
    read.records = std::string(kPageHead) + "[]";
    return read;
  }
  if (page >= trailer.pages) {
    return Error{.code = ErrorCode::kInvalidArgument,
                 .message = fmt::format("the result has {} pages, and no page {}", trailer.pages, page + 1)};
  }
  IndexEntry entry;
  if (!ReadAt(source, index + page * sizeof(entry), reinterpret_cast<char*>(&entry), sizeof(entry)) ||
      entry.offset > size || entry.length > size) {
    return Corrupt(source, "was changed: its index does not fit");
  }
  const auto changed = [&] {
    return Corrupt(source, fmt::format("was changed: the checksum of page {} is another", page + 1));
  };
  if (verified != nullptr && entry.length > kPageCopiedBytes) {
    const base::FileRange whole{.file = source.file, .offset = entry.offset, .length = entry.length};
    read.records.resize(1);
    if ((!verified->Take(whole) && !IsWhole(whole, page, entry.checksum)) ||
        !ReadAt(source, entry.offset + entry.length - 1, read.records.data(), 1)) {
      return changed();
    }
    read.file = {.file = source.file, .offset = entry.offset, .length = entry.length - 1};
    return read;
  }
  read.records.reserve(entry.length + read.facts.column_metadata.size() + kResponseRest);
  read.records.resize(entry.length);
  if (!ReadAt(source, entry.offset, read.records.data(), entry.length) ||
      PageChecksum(page, read.records) != entry.checksum) {
    return changed();
  }
  return read;
}

}  // namespace

std::uint64_t PageChecksum(std::uint64_t number, std::string_view page) {
  return PageChecksumOf(number, base::Checksum(page));
}

std::uint64_t TrailerChecksum(const Trailer& trailer, std::string_view metadata) {
  Trailer bare = trailer;
  bare.checksum = 0;
  return base::Checksum({reinterpret_cast<const char*>(&bare), sizeof(bare)}) ^ PageChecksum(1, metadata);
}

Result<ReadPage> ReadResultPage(const std::string& path, std::size_t page, VerifiedPages& verified) {
  base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file && errno == ENOENT) {
    return Error{.code = ErrorCode::kNotFound, .message = fmt::format("the result's file {} is not there", path)};
  }
  if (!file) {
    return Error{.code = ErrorCode::kCatalogUnavailable,
                 .message = fmt::format("the result's file {} cannot be opened: {}", path,
                                        std::generic_category().message(errno))};
  }
  Source source{.name = fmt::format("the result's file {}", path),
                .file = std::make_shared<const base::UniqueFd>(std::move(file)),
                .bytes = {},
                .size = 0};
  struct stat facts{};
  if (::fstat(source.file->get(), &facts) != 0) return Corrupt(source, "cannot be looked at");
  source.size = static_cast<std::uint64_t>(facts.st_size);
  return ReadPageOf(source, page, &verified);
}

Result<ReadPage> ReadSmallResult(std::string_view bytes, std::string_view id, std::size_t page) {
  return ReadPageOf(
      Source{.name = fmt::format("the result of {}", id), .file = nullptr, .bytes = bytes, .size = bytes.size()}, page,
      nullptr);
}

}  // namespace berth::statements
