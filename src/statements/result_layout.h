#pragma once

#include <array>
#include <cstdint>
#include <string_view>

// The bytes of a result's file, in the machine's own order: it never leaves the machine.
namespace berth::statements {

struct IndexEntry {
  std::uint64_t offset = 0, length = 0, checksum = 0;
};
struct Trailer {
  std::array<char, 8> magic{'B', 'E', 'R', 'T', 'H', 'R', 'S', '2'};
  std::uint64_t format = 0, rows = 0, pages = 0;
  std::uint64_t metadata_offset = 0, metadata_length = 0;  // the index follows it
  std::uint64_t checksum = 0;                              // of what stands above and of the metadata
};
static_assert(sizeof(Trailer) == 56);

// With its number, so that no page is taken for another.
std::uint64_t PageChecksum(std::uint64_t number, std::string_view page);
std::uint64_t TrailerChecksum(const Trailer& trailer, std::string_view metadata);

}  // namespace berth::statements
