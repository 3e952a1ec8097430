#include <stdlib.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "parser/splitter.h"
#include "script/script_check.h"
#include "script/script_file.h"
#include "support/temp_postgres.h"

// slt_runner [--must-fail] FILE...
// Runs .slt scripts (README.md has the format) and .sql files, whose statements must all succeed. Exit status 0: all
// did as they should.
namespace berth::script {
namespace {

constexpr std::size_t kFailuresShownMax = 10;  // of one file: what follows a failure is often its echo

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in.good()) throw std::runtime_error("cannot be read");
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> RunSlt(const std::string& text, World& world) {
  const auto script = ReadScript(text);
  if (!script.errors.empty()) return script.errors;
  if (script.steps.empty()) return {"line 1: there is nothing in this file"};
  Checker checker(world);
  for (const auto& step : script.steps) checker.Run(step);
  return checker.failures();
}

std::vector<std::string> RunSql(const std::string& text, World& world) {
  ::setenv("WAREHOUSE_PASSWORD", world.values().at("PASSWORD").c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  parser::Splitter splitter({});
  splitter.Feed(text);
  splitter.Finish();
  Checker checker(world);
  std::size_t statements = 0;
  while (auto piece = splitter.Next()) {
    checker.RunStatement(piece->line, piece->text);
    ++statements;
  }
  if (statements == 0) return {"line 1: there is nothing in this file"};
  return checker.failures();
}

std::vector<std::string> RunFile(const std::string& path) {
  try {
    const auto text = ReadFile(path);
    World world(test::TempPostgres::Shared());
    return path.ends_with(".sql") ? RunSql(text, world) : RunSlt(text, world);
  } catch (const std::exception& exception) {
    return {std::string("line 1: ") + exception.what()};
  }
}

void Print(const std::string& path, const std::vector<std::string>& failures) {
  std::printf("%s %s\n", failures.empty() ? "ok  " : "FAIL", path.c_str());
  for (std::size_t i = 0; i < failures.size() && i < kFailuresShownMax; ++i) {
    const auto colon = failures[i].find(':');
    std::printf("  %s:%s%s\n", path.c_str(), failures[i].substr(5, colon - 5).c_str(),
                failures[i].substr(colon).c_str());
  }
  if (failures.size() > kFailuresShownMax) std::printf("  and %zu more\n", failures.size() - kFailuresShownMax);
  std::fflush(stdout);
}

// "# fails: TEXT" is the first line of a script that must fail; TEXT stands in its only failure.
std::vector<std::string> NotAsPlanted(const std::string& path) {
  constexpr std::string_view kMark = "# fails: ";
  std::ifstream in(path);
  std::string first;
  std::getline(in, first);
  if (!first.starts_with(kMark)) return {"line 1: the first line is to be: # fails: <text>"};
  const auto wanted = first.substr(kMark.size());
  const auto failures = RunFile(path);
  if (failures.size() != 1) return {"line 1: expected one failure, got " + std::to_string(failures.size())};
  if (failures[0].find(wanted) == std::string::npos) return {"line 1: expected \"" + wanted + "\", got " + failures[0]};
  return {};
}

int Main(std::vector<std::string> arguments) {
  const bool must_fail = !arguments.empty() && arguments[0] == "--must-fail";
  if (must_fail) arguments.erase(arguments.begin());
  if (arguments.empty()) {
    std::puts("usage: slt_runner [--must-fail] FILE...");
    return 2;
  }
  std::size_t failed = 0;
  for (const auto& path : arguments) {
    const auto failures = must_fail ? NotAsPlanted(path) : RunFile(path);
    Print(path, failures);
    failed += failures.empty() ? 0 : 1;
  }
  std::printf("%zu files, %zu failed\n", arguments.size(), failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace berth::script

int main(int count, char** arguments) {
  return berth::script::Main({arguments + 1, arguments + count});
}
