#include <filesystem>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

#include "support/places.h"
#include "tidy/checks.h"

namespace berth::tidy {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = test::SourceDir();

File ReadFile(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  REQUIRE_MESSAGE(stream.good(), path.string());
  std::ostringstream text;
  text << stream.rdbuf();
  return {.path = fs::relative(path, kRoot).generic_string(), .text = text.str()};
}

// Regular files below `folder`, if it is there.
std::vector<fs::path> FilesBelow(const std::string& folder) {
  std::vector<fs::path> out;
  if (!fs::exists(kRoot / folder)) return out;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
    if (entry.is_regular_file()) out.push_back(entry.path());
  }
  return out;
}

bool IsCode(const fs::path& path) {
  const auto extension = path.extension();
  return extension == ".h" || extension == ".cc" || extension == ".def" || extension == ".hpp";
}

Layers OurLayers() {
  Findings findings;
  auto layers = ReadLayers(ReadFile(kRoot / "src/LAYERS"), findings);
  CHECK(findings == Findings{});
  REQUIRE(layers.size() > 5);
  return layers;
}

// The folders below `folder` that hold .cc files, by their first name.
std::set<std::string> FoldersWithCode(const std::string& folder) {
  std::set<std::string> out;
  for (const auto& path : FilesBelow(folder)) {
    const auto relative = fs::relative(path, kRoot / folder);
    if (path.extension() == ".cc" && relative.has_parent_path()) out.insert(relative.begin()->string());
  }
  return out;
}

void Report(const Findings& findings) {
  for (const auto& finding : findings) FAIL_CHECK(finding);
}

}  // namespace

TEST_CASE("the tree: sources") {
  const auto layers = OurLayers();
  Findings findings;
  std::size_t files = 0;
  for (const auto& path : FilesBelow("src")) {
    if (!IsCode(path)) continue;
    CheckSource(ReadFile(path), layers, findings);
    ++files;
  }
  CHECK(files > 20);
  Report(findings);
}

TEST_CASE("the tree: tests") {
  Findings findings;
  for (const auto& path : FilesBelow("tests")) {
    if (IsCode(path)) CheckCode(ReadFile(path), findings);
  }
  CheckMirror(OurLayers(), FoldersWithCode("src"), FoldersWithCode("tests/unit"), findings);
  Report(findings);
}

TEST_CASE("the tree: texts and documents") {
  Findings findings;
  const auto exists = [](const std::string& path) { return fs::exists(kRoot / path); };
  std::vector<fs::path> files;
  for (const char* const folder : {"src", "tests", "grammar", "catalog", "sql", "cmake", ".ci"}) {
    for (auto& path : FilesBelow(folder)) files.push_back(std::move(path));
  }
  for (const char* const name : {"README.md", "CMakeLists.txt", "CMakePresets.json", "dev"}) {
    if (fs::is_regular_file(kRoot / name)) files.push_back(kRoot / name);
  }
  for (const auto& path : files) {
    const auto file = ReadFile(path);
    if (file.path != "tests/tidy/checks_test.cc") CheckText(file, findings);  // it plants them
    if (path.extension() == ".md") CheckDocument(file, exists, findings);
  }
  if (fs::exists(kRoot / "src/README.md")) {
    CheckLayersNamed(ReadFile(kRoot / "src/README.md"), OurLayers(), findings);
  }
  Report(findings);
}

}  // namespace berth::tidy
