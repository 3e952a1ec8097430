#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "support/temp_dir.h"
#include "terminals.h"

namespace berth::test {

// Folders of its own for one run of the program or several: catalog, key, history. Nothing of the user's is touched.
class Home {
 public:
  std::vector<std::string> Environment(const std::string& locale = "C.UTF-8") const;  // the whole of it
  const std::filesystem::path& path() const { return folder_.path(); }
  std::string operator/(const std::string& name) const { return folder_ / name; }
  std::string Write(const std::string& name, std::string_view text) const;  // returns the path

 private:
  TempDir folder_;
};

// The program as a child process, with pipes on its three descriptors or a terminal. Every wait ends after kWaitMs and
// fails the test.
class Child {
 public:
  static constexpr int kWaitMs = 60'000;

  struct Options {
    std::vector<std::string> arguments;
    std::vector<std::string> more_environment;
    std::vector<std::string> wrapper;  // a program and its arguments that run ours, as setpriv does
    bool terminal = false;             // all three descriptors are one terminal of 40 lines; output() is what it shows
    TerminalKind kind = {100, "C.UTF-8"};
  };
  Child(const Home& home, const Options& options);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();  // kills it where it still runs

  void Type(std::string_view text);
  void CloseInput();
  void CloseOutput();
  // Reads until `text` has come after what earlier calls have seen.
  void AwaitOutput(std::string_view text);
  void AwaitError(std::string_view text);
  void Signal(int signal) const;
  int Wait();  // reads to the end; the exit status, or 128 + the signal that ended it

  pid_t pid() const { return pid_; }
  const std::string& output() const { return output_.text; }
  const std::string& error() const { return error_.text; }

 private:
  struct Stream {
    int fd = -1;
    std::string text;
    std::size_t seen = 0;
  };
  void Await(Stream& stream, std::string_view text);
  bool Pump(int wait_ms);  // false: both streams have ended or nothing came in time
  static void Take(Stream& stream);

  pid_t pid_ = -1;
  int input_ = -1;
  Stream output_, error_;
};

struct Ran {
  int status = 0;
  std::string output, error;
};
// Runs it to its end; `input` is its standard input.
Ran Run(const Home& home, std::vector<std::string> arguments, std::string_view input = "");

// Asks until it is so; fails the test after a bounded number of times.
void Until(const std::function<bool()>& so);

std::string ReadFile(const std::string& path);

}  // namespace berth::test
