#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

namespace berth::capi {

// A buffer that grows by appending and is never zeroed: what std::vector<uint8_t> does for each value costs more than
// the value. One thread.
class Bytes {
 public:
  Bytes() = default;
  Bytes(Bytes&& other) noexcept
      : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)), room_(std::exchange(other.room_, 0)) {}
  Bytes& operator=(Bytes&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    room_ = std::exchange(other.room_, 0);
    return *this;
  }

  const std::uint8_t* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::uint8_t& back() { return data_[size_ - 1]; }
  void push_back(std::uint8_t byte) { Push(byte); }
  template <class T>
  void Push(T value) {
    std::memcpy(Grow(sizeof(T)), &value, sizeof(T));
  }
  void Append(const char* from, std::size_t count) {
    if (count != 0) std::memcpy(Grow(count), from, count);
  }
  void AppendZeros(std::size_t count) {
    if (count != 0) std::memset(Grow(count), 0, count);
  }
  void Reserve(std::size_t room) {
    if (room > room_) Move(room);
  }

 private:
  std::uint8_t* Grow(std::size_t count) {
    if (room_ - size_ < count) Move(std::max(2 * room_, size_ + std::max(count, kRoomMin)));
    std::uint8_t* const place = data_.get() + size_;
    size_ += count;
    return place;
  }
  void Move(std::size_t room) {
    std::unique_ptr<std::uint8_t[]> larger(new std::uint8_t[room]);
    if (size_ != 0) std::memcpy(larger.get(), data_.get(), size_);
    data_ = std::move(larger);
    room_ = room;
  }

  static constexpr std::size_t kRoomMin = 1'024;
  std::unique_ptr<std::uint8_t[]> data_;
  std::size_t size_ = 0, room_ = 0;
};

}  // namespace berth::capi
