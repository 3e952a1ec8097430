// README.md's table of options is made from the program's: BERTH_GOLDEN_REWRITE=1 writes it anew.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "bind/connection_options.h"
#include "support/places.h"

namespace berth::bind {
namespace {

std::vector<std::string> Lines() {
  std::ifstream file(test::SourceDir() / "README.md");
  REQUIRE(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string RowOf(const OptionFacts& option) {
  std::string row = "| `" + std::string(option.name) + "` | " + std::string(option.type);
  if (!option.range.empty()) row += ": " + std::string(option.range);
  row += " | " + std::string(option.required ? "(required)" : option.default_value);
  return row + " | " + std::string(option.description) + " |";
}

TEST_CASE("README.md has the table of options as the program has it") {
  auto lines = Lines();
  std::size_t begin = 0;
  while (begin < lines.size() && lines[begin] != "### Options of a connection") ++begin;
  while (begin < lines.size() && !lines[begin].starts_with("| ---")) ++begin;
  REQUIRE(begin < lines.size());
  std::size_t end = ++begin;
  while (end < lines.size() && lines[end].starts_with("|")) ++end;
  std::vector<std::string> table;
  for (const auto& option : OptionTable()) table.push_back(RowOf(option));
  const auto at = [&](std::size_t line) { return lines.begin() + static_cast<std::ptrdiff_t>(line); };
  const std::vector<std::string> shown(at(begin), at(end));
  CHECK(shown.size() == table.size());
  for (const auto& row : table) {
    CHECK_MESSAGE(std::find(shown.begin(), shown.end(), row) != shown.end(), "README.md lacks the row\n", row);
  }
  if (shown == table || std::getenv("BERTH_GOLDEN_REWRITE") == nullptr) return;
  lines.erase(at(begin), at(end));
  lines.insert(at(begin), table.begin(), table.end());
  std::ofstream file(test::SourceDir() / "README.md", std::ios::trunc);
  for (const auto& line : lines) file << line << '\n';
}

}  // namespace
}  // namespace berth::bind
