#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// The checks work on texts, so that the tests can plant faults. Paths are relative to the root of the project.
namespace berth::tidy {

struct File {
  std::string path;
  std::string text;
};
using Layers = std::map<std::string, std::set<std::string>>;  // a layer and what it may include
using Findings = std::vector<std::string>;                    // "path:line: what is wrong"

// src/LAYERS; a layer may only name layers above it in the file.
Layers ReadLayers(const File& file, Findings& findings);

// A file below src/: include edges, words kept home, functions, and what CheckCode checks.
void CheckSource(const File& file, const Layers& layers, Findings& findings);
// Any C++ file: its length, its lines, #pragma once, sleeping.
void CheckCode(const File& file, Findings& findings);
// Any text file: no notes to oneself.
void CheckText(const File& file, Findings& findings);
// A .md file: each path of this project that it names in backticks, and each relative link, is there.
void CheckDocument(const File& file, const std::function<bool(const std::string&)>& exists, Findings& findings);
// src/README.md: names each layer.
void CheckLayersNamed(const File& file, const Layers& layers, Findings& findings);
// tests/unit mirrors src: `sources` and `tests` are the folders with .cc files, by layer.
void CheckMirror(const Layers& layers, const std::set<std::string>& sources, const std::set<std::string>& tests,
                 Findings& findings);

inline constexpr std::size_t kFileLinesMax = 500;
inline constexpr std::size_t kColumnsMax = 120;
inline constexpr std::size_t kFunctionLinesMax = 70;

}  // namespace berth::tidy
