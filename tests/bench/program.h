#pragma once

#include <string>
#include <vector>

namespace berth::bench {

struct Cost {
  double ms = 0;
  double cpu_ms = 0;    // its processor time, in user and system
  double peak_mib = 0;  // of its resident memory
};

// Runs a program to its end with the environment given ("NAME=value") and its output dropped. Throws unless its exit
// status is 0. It is started by fork, so that what the caller's memory was at its peak is not taken for the program's.
Cost RunProgram(const std::vector<std::string>& arguments, const std::vector<std::string>& environment);

// What a program prints first, up to the line end.
std::string FirstLine(const std::vector<std::string>& arguments);

// What it prints, whole. Throws unless its exit status is 0.
std::string OutputOf(const std::vector<std::string>& arguments, const std::vector<std::string>& environment);

// A program that runs until this dies, and not longer than this process; its output is dropped.
class Daemon {
 public:
  explicit Daemon(const std::vector<std::string>& arguments);
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;
  ~Daemon();
  int pid() const { return pid_; }

 private:
  int pid_ = -1;
};

// A program that measures a round for each line that it is sent, and answers with a line: the milliseconds, or what it
// was asked for. Its first line is its version.
class Measurer {
 public:
  Measurer(const std::vector<std::string>& arguments, const std::vector<std::string>& environment);
  Measurer(const Measurer&) = delete;
  Measurer& operator=(const Measurer&) = delete;
  ~Measurer();
  const std::string& version() const { return version_; }
  double Measure();
  std::string Ask(const std::string& line);

 private:
  std::string ReadLine();
  int pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  std::string version_;
};

}  // namespace berth::bench
