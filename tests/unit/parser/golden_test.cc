#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/caret.h"
#include "parser/parse.h"
#include "support/places.h"

// tests/golden/*.txt: blocks of a statement, a line ----, and what becomes of it; a line ==== ends a block. A statement
// that parses is followed by its readable form, ~~~~ and its stable form; one that does not by SQLSTATE and message,
// the line with a caret, and the hint. BERTH_GOLDEN_REWRITE=1 writes the files anew: read the difference before you
// commit.
namespace berth::parser {
namespace {

namespace fs = std::filesystem;

struct Block {
  std::string input;
  std::string output;
};

std::vector<Block> ReadBlocks(const fs::path& path) {
  std::ifstream file(path);
  std::vector<Block> blocks;
  Block block;
  bool in_output = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "----" && !in_output) {
      in_output = true;
    } else if (line == "====") {
      blocks.push_back(std::move(block));
      block = {};
      in_output = false;
    } else {
      (in_output ? block.output : block.input) += line + "\n";
    }
  }
  CHECK_MESSAGE(block.input.empty(), path.string(), ": the last block has no ====");
  return blocks;
}

std::string OutputOf(const std::string& input) {
  const auto parsed = Parse(input);
  if (!parsed.ok()) {
    const auto& error = parsed.error();
    std::string out = std::string(error.Sqlstate()) + " " + error.message + "\n";
    if (error.span) out += base::RenderCaret(input, *error.span) + "\n";
    if (!error.hint.empty()) out += "HINT: " + error.hint + "\n";
    return out;
  }
  const auto readable = Print(parsed.value(), PrintMode::kReadable);
  const auto stable = Print(parsed.value(), PrintMode::kStable);
  for (const auto& printed : {readable, stable}) {
    const auto again = Parse(printed);
    REQUIRE_MESSAGE(again.ok(), printed);
    CHECK_MESSAGE(again.value() == parsed.value(), printed);
  }
  return readable + "\n~~~~\n" + stable + "\n";
}

void Rewrite(const fs::path& path, const std::vector<Block>& blocks) {
  std::ofstream file(path, std::ios::trunc);
  for (const auto& block : blocks) file << block.input << "----\n" << OutputOf(block.input) << "====\n";
}

TEST_CASE("golden files") {
  const bool rewrite = std::getenv("BERTH_GOLDEN_REWRITE") != nullptr;
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(test::SourceDir() / "tests" / "golden")) {
    if (entry.path().extension() != ".txt") continue;
    const auto blocks = ReadBlocks(entry.path());
    CHECK_MESSAGE(!blocks.empty(), entry.path().string());
    if (rewrite) {
      Rewrite(entry.path(), blocks);
      continue;
    }
    for (const auto& block : blocks) {
      INFO(entry.path().filename().string() << ": " << block.input);
      CHECK(OutputOf(block.input) == block.output);
      ++count;
    }
  }
  CHECK((rewrite || count >= 100));
}

}  // namespace
}  // namespace berth::parser
