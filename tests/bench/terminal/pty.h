#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace berth::bench {

// A program on a terminal of its own, 80 columns by 24 lines, killed when this dies. What does not come within ten
// seconds throws.
class Pty {
 public:
  Pty(const std::vector<std::string>& arguments, const std::vector<std::string>& environment);
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;
  ~Pty();

  void Type(std::string_view keys) const;
  // Returns once one of the texts has come after what earlier calls have seen.
  void Await(const std::vector<std::string_view>& texts);
  // Milliseconds from a key to the first byte that answers it; what else comes is read until nothing does.
  double KeyToEcho(char key);

 private:
  bool Read(int wait_ms);  // false: nothing came
  pid_t pid_ = -1;
  int fd_ = -1;
  std::string seen_;
};

}  // namespace berth::bench
