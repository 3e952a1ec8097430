#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace berth::shell {

// What the program writes to one descriptor, gathered into large writes. Once a write has failed, everything more is
// dropped and failed() says so: whoever produces rows asks it and stops. One thread at a time.
class Output {
 public:
  static constexpr std::size_t kBufferBytes = 64 * 1024;

  explicit Output(int fd);  // does not own it
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() { Flush(); }

  void Append(std::string_view text) {
    if (text.size() > kBufferBytes - used_) {
      AppendLarge(text);
      return;
    }
    std::memcpy(buffer_.get() + used_, text.data(), text.size());
    used_ += text.size();
  }
  void Append(char c) {
    if (used_ == kBufferBytes) Flush();
    buffer_[used_++] = c;
  }
  void Fill(std::size_t count, char c);
  void Flush();

  bool failed() const { return error_ != 0; }
  int error() const { return error_; }  // errno of the write that failed; 0: none did
  bool closed() const;                  // the reader has gone away (EPIPE): a quiet end, not an error

 protected:
  // Writes all of it; 0, or the errno that it ended with.
  virtual int WriteBytes(std::string_view bytes);

 private:
  void AppendLarge(std::string_view text);
  void Write(std::string_view bytes) {
    if (!bytes.empty() && error_ == 0) error_ = WriteBytes(bytes);
  }

  int fd_;
  int error_ = 0;
  std::size_t used_ = 0;
  std::unique_ptr<char[]> buffer_;
};

}  // namespace berth::shell
