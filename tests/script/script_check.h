#pragma once

#include <string>
#include <vector>

#include "script/script_file.h"
#include "script/script_run.h"

namespace berth::script {

// Runs steps in a world, one after the other, and says what was not as expected: "line 12: ..", with what was got.
class Checker {
 public:
  explicit Checker(World& world) : world_(world) {}
  void Run(const Step& step);
  // For an example: a statement that must succeed.
  void RunStatement(std::size_t line, const std::string& sql);
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  void Fail(std::size_t line, const std::string& what);
  Step Expanded(const Step& step);
  void CheckStatement(const Step& step);
  void CheckError(const Step& step);
  void CheckQuery(const Step& step);
  void CheckLast(const Step& step);
  void CheckAt(const Step& step);
  void CheckState(const Step& step);
  void Act(const Step& step);

  World& world_;
  Answer last_;
  std::string last_sql_;
  std::vector<std::string> failures_;
};

}  // namespace berth::script
