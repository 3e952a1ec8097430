#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace berth::base {

// Tells whether bytes have changed by accident, at some 10 GB a second; no defence against who means to change them.
// The same on every machine and in every version.
std::uint64_t Checksum(std::string_view bytes);

// The same of bytes that come in pieces. One thread at a time.
class ChecksumOfPieces {
 public:
  ChecksumOfPieces();
  ~ChecksumOfPieces();
  ChecksumOfPieces(const ChecksumOfPieces&) = delete;
  ChecksumOfPieces& operator=(const ChecksumOfPieces&) = delete;
  void Add(std::string_view piece);
  std::uint64_t Value() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace berth::base
